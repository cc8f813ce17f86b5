/** The configured TensorFlow.js: the only import of tfjs in the project. */
import { setDefault } from "./environment.ts";
import { isGpuBackend } from "./_gpu_backend.ts";
import * as tf from "@tensorflow/tfjs-node";

if (tf.getBackend() !== "tensorflow") {
  throw new Error(
    `TensorFlow.js chose the backend "${tf.getBackend()}" instead of the native "tensorflow"; ` +
      `the JavaScript backend is far too slow for this lab. Run: npx --yes deno@2.9.6 task doctor`,
  );
}

// The same seed shall give the same bits on a GPU as well. TensorFlow reads this at the first kernel;
// on a CPU it stays unset: the kernels in use there sum in a fixed order anyway.
if (isGpuBackend(tf.backend())) setDefault("TF_DETERMINISTIC_OPS", "1");

export { tf };
