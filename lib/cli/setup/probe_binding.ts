/**
 * Loads the installed binding in a process of its own, multiplies two matrices and prints what it
 * found as one line of JSON. A binding that does not suit the machine ends this process, not set-up.
 */
import { usesGpu } from "../../backend/device.ts";
import { kernelTable } from "../../backend/kernel_table.ts";
import { missingOneDnnKernels } from "../../backend/onednn.ts";
import { tf } from "../../backend/tf.ts";

const backend = tf.backend() as unknown as { binding: { TF_Version: string } };
const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]]));
console.log(
  JSON.stringify({
    tensorflow: backend.binding.TF_Version,
    tfjsNode: tf.version["tfjs-node"] ?? tf.version["tfjs-core"],
    gpu: usesGpu(),
    kernels: kernelTable().name,
    missing: usesGpu() ? [] : missingOneDnnKernels(),
    product: product.dataSync()[0],
  }),
);
