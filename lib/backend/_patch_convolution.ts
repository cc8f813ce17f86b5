/**
 * Strided convolutions as one matrix product of the input's patches with the filter. On small maps
 * the general kernel spends most of its time preparing, and copying the few patches costs little. In
 * ResNet-18 on 32 x 32 images with the ImageNet stem these are the entry of stage 3 and the
 * projections onto stages 3 and 4.
 */
import { tf } from "./tf.ts";
import { rowNumbers } from "./_constant.ts";
import { type ConvolutionForm, outputShape, type Problem } from "./convolution_form.ts";
import { gatherRows, reshaped, sumIntoRows } from "./_layout.ts";
import { padMaps } from "./_native_convolution.ts";
import { product } from "./product.ts";

/** Of each patch, in row-major order, the rows of the padded maps [n h w, channels] it is made of. */
function patchRows(problem: Problem): tf.TensorInfo {
  const { input: [n, h, w], filter: [kernel], stride, padding } = problem;
  return rowNumbers(`patches ${[n, h, w, kernel, stride, padding]}`, () => {
    const [height, width] = [h + 2 * padding, w + 2 * padding];
    const [, rows, columns] = outputShape(problem);
    const indices = new Int32Array(n * rows * columns * kernel * kernel);
    let next = 0;
    for (let patch = 0; patch < n * rows * columns; patch++) {
      const column = patch % columns;
      const row = Math.floor(patch / columns) % rows;
      const corner = Math.floor(patch / (rows * columns)) * height * width +
        row * stride * width + column * stride;
      for (let y = 0; y < kernel; y++) {
        for (let x = 0; x < kernel; x++) indices[next++] = corner + y * width + x;
      }
    }
    return indices;
  });
}

/** The patches of x that the filter meets: [n h' w', kernel kernel channels]. */
function patchesOf(x: tf.Tensor4D, problem: Problem): tf.Tensor2D {
  const { input: [n, h, w], filter: [kernel, , channels], padding } = problem;
  const [, rows, columns] = outputShape(problem);
  const pixels = n * (h + 2 * padding) * (w + 2 * padding);
  const padded = reshaped(padMaps(x, padding), [pixels, channels]);
  return reshaped(gatherRows(padded, patchRows(problem)), [
    n * rows * columns,
    kernel * kernel * channels,
  ]);
}

/** One row for each output position. */
function positions(dy: tf.Tensor4D): tf.Tensor2D {
  const [n, h, w, outputs] = dy.shape;
  return reshaped(dy, [n * h * w, outputs]);
}

/** The convolution as one product of patches with the flattened filter. */
export const PATCH_FORM: ConvolutionForm = {
  fits: ({ filter, stride }) => stride > 1 && filter[0] === filter[1],
  prepare: (filter, { filter: [kernel, , channels, outputs] }) =>
    reshaped(filter, [kernel * kernel * channels, outputs]),
  input: patchesOf,
  gradient: positions,
  forward: (patches, taps, problem) => reshaped(product(patches, taps), outputShape(problem)),
  /** Each patch's gradient is added where the patch was taken. */
  inputGradient(gradient, taps, problem) {
    const { input, filter: [kernel, , channels], padding } = problem;
    const [n, h, w] = input;
    const [height, width] = [h + 2 * padding, w + 2 * padding];
    const perPatch = product(gradient, taps, "a bT");
    const rows = reshaped(perPatch, [perPatch.shape[0] * kernel * kernel, channels]);
    const pixels = sumIntoRows(rows, patchRows(problem), n * height * width);
    const padded = reshaped<tf.Tensor4D>(pixels, [n, height, width, channels]);
    return padding === 0 ? padded : tf.slice4d(padded, [0, padding, padding, 0], [...input]);
  },
  filterGradient: (gradient, patches, problem) =>
    reshaped(product(patches, gradient, "aT b"), problem.filter),
};
