/**
 * The input gradient of a 7 x 7 convolution with stride 2 and padding 3 (the ImageNet stem), as one
 * convolution of dy with stride 1. Input pixel (2a + r, 2b + s) is touched by taps u with
 * u = r + 3 (mod 2) from output row (2a + r + 3 - u) / 2, at most four rows from a - 1 to a + 2. So
 * dx, seen as maps of half the size with 4 times the channels (space to depth), is a 4 x 4
 * convolution of dy, which the native kernel does several times faster than the strided gradient of
 * a filter with only three input channels.
 */
import { tf } from "./tf.ts";
import { attribute, nativeOp } from "./native_op.ts";
import { convolveSame } from "./_convolution_kernels.ts";

/** Whether this file's form applies. */
export function isStemConvolution(
  inputShape: readonly number[],
  filter: readonly number[],
  stride: number,
  padding: number,
): boolean {
  return filter[0] === 7 && filter[1] === 7 && stride === 2 && padding === 3 &&
    inputShape[1]! % 2 === 0 && inputShape[2]! % 2 === 0;
}

/**
 * For dy row offset k in 0..3 (output row a + k - 1) and pixel parity r: the tap u = r + 3 - 2 (k - 1)
 * where it lies in the filter.
 */
function tapIndices(): Int32Array {
  const NONE = 49; // one more tap, all zeros
  const indices: number[] = [];
  const tap = (offset: number, parity: number) => parity + 5 - 2 * offset;
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      for (let r = 0; r < 2; r++) {
        for (let s = 0; s < 2; s++) {
          const [u, v] = [tap(row, r), tap(column, s)];
          indices.push(u >= 0 && u < 7 && v >= 0 && v < 7 ? u * 7 + v : NONE);
        }
      }
    }
  }
  return Int32Array.from(indices);
}

/** The gradient with respect to x: [n, h, w, c] from dy [n, h/2, w/2, outputs]. */
export function stemInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: readonly [number, number, number, number],
): tf.Tensor4D {
  const [, , channels, outputs] = filter.shape;
  const taps = tf.concat2d(
    [tf.reshape(filter, [49, channels * outputs]), tf.zeros([1, channels * outputs])],
    0,
  );
  const gathered = tf.gather(taps, tf.tensor1d(tapIndices(), "int32"));
  const transposed = tf.reshape(
    tf.transpose(tf.reshape(gathered, [16, 4, channels, outputs]), [0, 3, 1, 2]),
    [4, 4, outputs, 4 * channels],
  ) as tf.Tensor4D;
  const halves = convolveSame(dy, transposed); // "SAME" pads an even filter by (1, 2)
  const dx = nativeOp<tf.Tensor4D>("DepthToSpace", [
    attribute.float32("T"),
    attribute.int("block_size", 2),
    attribute.string("data_format", "NHWC"),
  ], [halves]);
  return tf.reshape(dx, [...inputShape]);
}
