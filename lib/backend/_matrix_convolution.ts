/**
 * Convolutions on maps so small that every output position sees the whole input: then the whole
 * convolution is one matrix product of the flattened maps with a matrix made of rectangular blocks
 * of the filter, one block of columns for each output position. The taps outside a block only ever
 * meet padding; a general kernel multiplies them all the same. In ResNet-18 on 32 x 32 images with
 * the ImageNet stem this holds for the whole of stage 4 (1 x 1 maps) and most of stage 3 (2 x 2).
 */
import { tf } from "./tf.ts";
import { rowNumbers } from "./_constant.ts";
import { type ConvolutionForm, outputShape, outputSize, type Problem } from "./convolution_form.ts";
import { gatherRows, reshaped, sumIntoRows } from "./_layout.ts";
import { product } from "./product.ts";

/** Whether each of the (at most four) output positions sees the whole map. */
function fits({ input, filter, stride, padding }: Problem): boolean {
  const [size, kernel] = [input[1], filter[0]];
  if (padding === 0 || size !== input[2] || kernel !== filter[1]) return false;
  const out = outputSize(size, kernel, { stride, padding });
  const lastBegin = padding - (out - 1) * stride;
  return out >= 1 && out <= 2 && lastBegin >= 0 && padding + size <= kernel;
}

/** For each output position, in row-major order, the first tap that meets the map. */
function blockBegins({ input, filter, stride, padding }: Problem): [number, number][] {
  const positions = [...Array(outputSize(input[1], filter[0], { stride, padding })).keys()];
  const begin = (position: number) => padding - position * stride;
  return positions.flatMap((row) =>
    positions.map((column): [number, number] => [begin(row), begin(column)])
  );
}

/**
 * For each row of `outputs` values of the dense matrix, in order of (map row, map column, channel,
 * position), the row of the filter [kernel kernel channels, outputs] that stands there.
 */
function filterRows(problem: Problem): tf.TensorInfo {
  const { input: [, size], filter: [kernel, , channels], stride, padding } = problem;
  return rowNumbers(`matrix ${[size, kernel, channels, stride, padding]}`, () => {
    const begins = blockBegins(problem);
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
  });
}

/** With one output position, the taps that meet the map. */
function blockTaps(problem: Problem): tf.TensorInfo {
  const { input: [, size], filter: [kernel], stride, padding } = problem;
  return rowNumbers(`block ${[size, kernel, stride, padding]}`, () => {
    const [row, column] = blockBegins(problem)[0]!;
    return Int32Array.from(
      { length: size * size },
      (_, pixel) => (row + Math.floor(pixel / size)) * kernel + column + pixel % size,
    );
  });
}

/** [n, h, w, c] as [n, h w c]. */
function flattened(maps: tf.Tensor4D): tf.Tensor2D {
  const [n, h, w, c] = maps.shape;
  return reshaped(maps, [n, h * w * c]);
}

/** The convolution as one product with a matrix [size size channels, positions outputs]. */
export const MATRIX_FORM: ConvolutionForm = {
  fits,
  prepare(filter, problem) {
    const { input: [, size], filter: [kernel, , channels, outputs] } = problem;
    const begins = blockBegins(problem);
    const shape = [size * size * channels, begins.length * outputs];
    if (begins.length > 1) {
      const taps = reshaped(filter, [kernel * kernel * channels, outputs]);
      return reshaped(gatherRows(taps, filterRows(problem)), shape);
    }
    const [row, column] = begins[0]!;
    return reshaped(
      tf.slice4d(filter, [row, column, 0, 0], [size, size, channels, outputs]),
      shape,
    );
  },
  input: flattened,
  gradient: flattened,
  forward: (x, dense, problem) => reshaped(product(x, dense), outputShape(problem)),
  inputGradient: (dy, dense, { input }) => reshaped(product(dy, dense, "a bT"), input),
  /** Zero in the taps that only meet padding. */
  filterGradient(dy, x, problem) {
    const { input: [, size], filter: [kernel, , channels, outputs] } = problem;
    const begins = blockBegins(problem);
    const dense = product(x, dy, "aT b");
    const taps = kernel * kernel;
    if (begins.length > 1) {
      // Each row of the dense gradient is added to the filter's row that stood in its place.
      const rows = reshaped(dense, [size * size * channels * begins.length, outputs]);
      return reshaped(sumIntoRows(rows, filterRows(problem), taps * channels), problem.filter);
    }
    const block = reshaped(dense, [size * size, channels * outputs]);
    return reshaped(sumIntoRows(block, blockTaps(problem), taps), problem.filter);
  },
};
