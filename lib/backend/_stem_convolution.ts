/**
 * The input gradient of a 7 x 7 convolution with stride 2 and padding 3 (the ImageNet stem), as one
 * convolution of dy with stride 1. Input pixel (2a + r, 2b + s) is touched by taps u with
 * u = r + 3 (mod 2) from output row (2a + r + 3 - u) / 2, at most four rows from a - 1 to a + 2. So
 * dx, seen as maps of half the size with 4 times the channels (space to depth), is a 4 x 4
 * convolution of dy, which the native kernel does several times faster than the strided gradient of
 * a filter with only three input channels.
 */
import { tf } from "./tf.ts";
import { rowNumbers } from "./_constant.ts";
import type { ConvolutionForm } from "./convolution_form.ts";
import { gatherRows, reshaped, transposed } from "./_layout.ts";
import { convolveSame } from "./_native_convolution.ts";
import { kernelTable } from "./kernel_table.ts";
import { attribute, nativeOp } from "./native_op.ts";

const DEPTH_TO_SPACE = [
  attribute.float32("T"),
  attribute.int("block_size", 2),
  attribute.string("data_format", "NHWC"),
];
const TAPS = 49;

/**
 * For dy row offset k in 0..3 (output row a + k - 1) and pixel parity r: the tap u = r + 3 - 2 (k - 1)
 * where it lies in the filter, else a 50th tap of zeros.
 */
function tapRows(): tf.TensorInfo {
  return rowNumbers("taps of the stem", () => {
    const indices: number[] = [];
    const tap = (offset: number, parity: number) => parity + 5 - 2 * offset;
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 4; column++) {
        for (let r = 0; r < 2; r++) {
          for (let s = 0; s < 2; s++) {
            const [u, v] = [tap(row, r), tap(column, s)];
            indices.push(u >= 0 && u < 7 && v >= 0 && v < 7 ? u * 7 + v : TAPS);
          }
        }
      }
    }
    return Int32Array.from(indices);
  });
}

/** The input gradient as a convolution, whose kernel is that of the kernel table's forward passes. */
export const STEM_FORM: ConvolutionForm = {
  fits: ({ input: [, h, w], filter, stride, padding }) =>
    filter[0] === 7 && filter[1] === 7 && stride === 2 && padding === 3 &&
    h % 2 === 0 && w % 2 === 0,
  /** [4, 4, outputs, 4 channels]. */
  prepare(filter, { filter: [, , channels, outputs] }) {
    const row = channels * outputs;
    const taps = tf.concat2d([reshaped(filter, [TAPS, row]), tf.zeros([1, row])], 0);
    const gathered = reshaped(gatherRows(taps, tapRows()), [16, 4, channels, outputs]);
    return reshaped(transposed(gathered, [0, 3, 1, 2]), [4, 4, outputs, 4 * channels]);
  },
  inputGradient(dy, taps) {
    // "SAME" pads an even filter by (1, 2).
    const halves = convolveSame(kernelTable().convolutions.other.forward, dy as tf.Tensor4D, taps);
    return nativeOp("DepthToSpace", DEPTH_TO_SPACE, [halves]);
  },
};
