/**
 * Convolutions on maps so small that every output position sees the whole input: then the whole
 * convolution is one matrix product of the flattened maps with a matrix made of rectangular blocks
 * of the filter, one block of columns for each output position. The taps outside a block only ever
 * meet padding; a general kernel multiplies them all the same. In ResNet-18 on 32 x 32 images with
 * the ImageNet stem this holds for the whole of stage 4 (1 x 1 maps) and most of stage 3 (2 x 2).
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

/** Whether each of the (at most four) output positions sees the whole map. */
export function isSmallMap(x: Shape4, filter: Shape4, geometry: Geometry): boolean {
  const [size, kernel, { stride, padding }] = [x[1], filter[0], geometry];
  if (padding === 0 || size !== x[2] || kernel !== filter[1]) return false;
  const out = outputSize(size, kernel, geometry);
  const lastBegin = padding - (out - 1) * stride;
  return out >= 1 && out <= 2 && lastBegin >= 0 && padding + size <= kernel;
}

/** For each output position, in row-major order, the first tap that meets the map. */
function blockBegins(size: number, filter: Shape4, geometry: Geometry): [number, number][] {
  const positions = [...Array(outputSize(size, filter[0], geometry)).keys()];
  const begin = (position: number) => geometry.padding - position * geometry.stride;
  return positions.flatMap((row) =>
    positions.map((column): [number, number] => [begin(row), begin(column)])
  );
}

/** [n, h, w, c] as [n, h w c]. */
function flattened(maps: tf.Tensor4D): tf.Tensor2D {
  const [n, h, w, c] = maps.shape;
  return tf.reshape(maps, [n, h * w * c]);
}

/**
 * For each row of `outputs` values of the dense matrix, in order of (map row, map column, channel,
 * position), the row of the filter [kernel kernel channels, outputs] that stands there.
 */
function filterRows(size: number, filter: Shape4, geometry: Geometry): Int32Array {
  const [kernel, , channels] = filter;
  const begins = blockBegins(size, filter, geometry);
  const rows = new Int32Array(size * size * channels * begins.length);
  let next = 0;
  for (let pixel = 0; pixel < size * size; pixel++) {
    const [y, x] = [Math.floor(pixel / size), pixel % size];
    const taps = begins.map(([row, column]) => (row + y) * kernel + column + x);
    for (let channel = 0; channel < channels; channel++) {
      for (const tap of taps) rows[next++] = tap * channels + channel;
    }
  }
  return rows;
}

/** The matrix [size size channels, positions outputs] that the convolution is. */
export function denseMatrix(
  filter: tf.Tensor4D,
  inputShape: Shape4,
  geometry: Geometry,
): tf.Tensor2D {
  const [, size, , channels] = inputShape;
  const outputs = filter.shape[3];
  const begins = blockBegins(size, filter.shape, geometry);
  const shape: [number, number] = [size * size * channels, begins.length * outputs];
  if (begins.length === 1) {
    const [row, column] = begins[0]!;
    return tf.reshape(
      tf.slice4d(filter, [row, column, 0, 0], [size, size, channels, outputs]),
      shape,
    );
  }
  const rows = filterRows(size, filter.shape, geometry);
  return gatherRows(flattenedFilter(filter), rows, shape);
}

/** y = conv(x, filter), from the filter's dense matrix. */
export function smallMapConvolve(
  x: tf.Tensor4D,
  dense: tf.Tensor2D,
  filterShape: Shape4,
  geometry: Geometry,
): tf.Tensor4D {
  const out = outputSize(x.shape[1], filterShape[0], geometry);
  return tf.reshape(tf.matMul(flattened(x), dense), [x.shape[0], out, out, filterShape[3]]);
}

/** The gradient with respect to x, from the filter's dense matrix. */
export function smallMapInputGradient(
  dy: tf.Tensor4D,
  dense: tf.Tensor2D,
  inputShape: Shape4,
): tf.Tensor4D {
  return tf.reshape(tf.matMul(flattened(dy), dense, false, true), [...inputShape]);
}

/** The gradient with respect to the filter: zero in the taps that only meet padding. */
export function smallMapFilterGradient(
  dy: tf.Tensor4D,
  x: tf.Tensor4D,
  filterShape: Shape4,
  geometry: Geometry,
): tf.Tensor4D {
  const [kernel, , channels, outputs] = filterShape;
  const size = x.shape[1];
  const begins = blockBegins(size, filterShape, geometry);
  const dense = tf.matMul(flattened(x), flattened(dy), true, false);
  if (begins.length === 1) {
    const block = tf.reshape(dense, [size, size, channels, outputs]) as tf.Tensor4D;
    const [row, column] = begins[0]!;
    const after = (begin: number) => kernel - begin - size;
    return tf.pad4d(block, [[row, after(row)], [column, after(column)], [0, 0], [0, 0]]);
  }
  // Each row of the dense gradient is added to the filter's row that stood in its place.
  return sumIntoRows(
    tf.reshape(dense, [-1, outputs]),
    filterRows(size, filterShape, geometry),
    filterShape,
  );
}
