/** The configured TensorFlow.js: the only import of tfjs in the project. */
import { setDefault } from "./_environment.ts";
import { isGpuBackend } from "./_gpu_backend.ts";
import * as tf from "@tensorflow/tfjs-node";

if (tf.getBackend() !== "tensorflow") {
  throw new Error(
    `TensorFlow.js chose the backend "${tf.getBackend()}" instead of the native "tensorflow"; ` +
      `the JavaScript backend is far too slow for this lab. Run: npx --yes deno@2.9.6 task doctor`,
  );
}

// With this setting, the same seed gives the same bits on a GPU as well. TensorFlow reads it at the first kernel;
// on a CPU it stays unset: the kernels in use there sum in a fixed order anyway.
if (isGpuBackend(tf.backend())) setDefault("TF_DETERMINISTIC_OPS", "1");

export { tf };

// Names for the tensors in public signatures, so that the reference can resolve them.
export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
