/**
 * TensorFlow.js as a browser's script has it: stands for `../tf.ts` there. The script itself chooses a
 * backend before the first kernel.
 */
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import * as tf from "@tensorflow/tfjs-core";

export { tf };
export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
