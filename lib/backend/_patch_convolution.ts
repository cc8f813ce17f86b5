/**
 * Strided convolutions onto maps of at most 2 x 2, as one matrix product of the input's patches with
 * the filter. On maps this small the general kernel spends most of its time preparing, and copying
 * the few patches costs little. In ResNet-18 on 32 x 32 images with the ImageNet stem these are the
 * entries of stage 3 and the projections onto stages 3 and 4.
 */
import { tf } from "./tf.ts";
import {
  flattenedFilter,
  gatherRows,
  type Geometry,
  outputSize,
  type Shape4,
  sumIntoRows,
} from "./_convolution_rows.ts";

/** Whether this file's form applies. */
export function isPatchConvolution(x: Shape4, filter: Shape4, geometry: Geometry): boolean {
  const [height, width] = [x[1], x[2]].map((size) => outputSize(size, filter[0], geometry));
  return geometry.stride > 1 && height! <= 2 && width! <= 2 && filter[0] === filter[1];
}

/** Of each patch, in row-major order, the rows of the padded maps [n h w, channels] it is made of. */
function patchRows([n, h, w]: Shape4, kernel: number, geometry: Geometry): Int32Array {
  const { stride, padding } = geometry;
  const [height, width] = [h + 2 * padding, w + 2 * padding];
  const [rows, columns] = [outputSize(h, kernel, geometry), outputSize(w, kernel, geometry)];
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
}

/** The patches of x that the filter meets: [n h' w', kernel kernel channels]. */
export function patchesOf(x: tf.Tensor4D, filter: Shape4, geometry: Geometry): tf.Tensor2D {
  const { padding } = geometry;
  const [kernel, , channels] = filter;
  const around: [number, number] = [padding, padding];
  const padded = padding === 0 ? x : tf.pad4d(x, [[0, 0], around, around, [0, 0]]);
  const rows = patchRows(x.shape, kernel, geometry);
  return gatherRows(tf.reshape(padded, [-1, channels]), rows, [
    rows.length / (kernel * kernel),
    kernel * kernel * channels,
  ]);
}

/** y = conv(x, filter), from x's patches. */
export function patchConvolve(
  patches: tf.Tensor2D,
  filter: tf.Tensor4D,
  [n, h, w]: Shape4,
  geometry: Geometry,
): tf.Tensor4D {
  const [kernel, , , outputs] = filter.shape;
  const shape = [n, outputSize(h, kernel, geometry), outputSize(w, kernel, geometry), outputs];
  return tf.reshape(tf.matMul(patches, flattenedFilter(filter)), shape as [...Shape4]);
}

/** The gradient with respect to x: each patch's gradient added where the patch was taken. */
export function patchInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4,
  geometry: Geometry,
): tf.Tensor4D {
  const { padding } = geometry;
  const [n, h, w, channels] = inputShape;
  const [kernel, , , outputs] = filter.shape;
  const perPatch = tf.matMul(
    tf.reshape(dy, [-1, outputs]) as tf.Tensor2D,
    flattenedFilter(filter),
    false,
    true,
  );
  const [height, width] = [h + 2 * padding, w + 2 * padding];
  const padded = sumIntoRows(
    tf.reshape(perPatch, [-1, channels]),
    patchRows(inputShape, kernel, geometry),
    [n, height, width, channels],
  );
  return padding === 0 ? padded : tf.slice4d(padded, [0, padding, padding, 0], [...inputShape]);
}

/** The gradient with respect to the filter, from x's patches. */
export function patchFilterGradient(
  dy: tf.Tensor4D,
  patches: tf.Tensor2D,
  filterShape: Shape4,
): tf.Tensor4D {
  const rows = tf.reshape(dy, [-1, filterShape[3]]) as tf.Tensor2D;
  return tf.reshape(tf.matMul(patches, rows, true, false), [...filterShape]);
}
