import { tf } from "./tf.ts";

/**
 * Folds tensors into one number that tells whether all their values are finite. It does not depend
 * on how kernels treat NaN: some of them drop it (max pooling takes the other values of a window),
 * but `0 * x` and a sum never do.
 *
 * @param tensors At least one float32 tensor, of any shapes.
 * @returns An owned scalar: 0, or NaN if a value is NaN or infinite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "./tf.ts";
 * const [huge, broken] = [tf.tensor1d([1, -3e38]), tf.tensor2d([[Infinity]])];
 * assertEquals(finiteProbe([huge]).dataSync()[0], 0);
 * assertEquals(finiteProbe([huge, broken]).dataSync()[0], NaN);
 * ```
 */
export function finiteProbe(tensors: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => {
    const values = tf.concat(
      tensors.map((tensor) => tensor.rank === 1 ? tensor : tf.reshape(tensor, [tensor.size])),
    );
    return tf.sum<tf.Scalar>(tf.mul(values, 0));
  });
}

/**
 * Whether all values of a tensor are finite.
 *
 * @param tensor Float32, of any shape.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "./tf.ts";
 * assertEquals([isFiniteTensor(tf.scalar(1)), isFiniteTensor(tf.scalar(NaN))], [true, false]);
 * ```
 */
export function isFiniteTensor(tensor: tf.Tensor): boolean {
  const probe = finiteProbe([tensor]);
  const [value] = probe.dataSync();
  probe.dispose();
  return value === 0;
}
