/**
 * The input gradient as a forward convolution: the output's gradient meets the filter turned by 180
 * degrees. With a stride s, the pixels of s x s blocks see different parts of the filter: each part
 * makes channels of its own, which are then laid out as pixels (Shi et al. 2016, sub-pixel convolution).
 * It suits backends whose forward kernel is far better than their gradient kernel, such as
 * WebAssembly's.
 */
import { tf } from "./tf.ts";
import { type ConvolutionForm, outputSize, type Problem } from "./convolution_form.ts";
import { PUBLIC_FORM } from "./_native_convolution.ts";

/** The convolution that gives the gradient, in one direction. */
interface Direction {
  /** Taps of each part of the filter. */
  readonly taps: number;
  /** Zeros around the output's gradient. */
  readonly before: number;
  readonly after: number;
  /** Pixels of the first block that lie in the padding. */
  readonly skipped: number;
}

// Pixel i of the input, at s q + r = i + padding, is the sum over j of dy[q - j] filter[s j + r].
function directionOf(size: number, kernel: number, problem: Problem): Direction {
  const { stride, padding } = problem;
  const taps = Math.ceil(kernel / stride);
  const first = Math.floor(padding / stride);
  const last = Math.floor((size - 1 + padding) / stride);
  return {
    taps,
    before: taps - 1 - first,
    after: last + 1 - outputSize(size, kernel, problem),
    skipped: padding - stride * first,
  };
}

/** Rows and columns. */
function directionsOf(problem: Problem): readonly [Direction, Direction] {
  const { input: [, height, width], filter: [tall, wide] } = problem;
  return [directionOf(height, tall, problem), directionOf(width, wide, problem)];
}

/** [kernel, kernel, channels, outputs] -> [taps, taps, outputs, s s channels]. */
function turned(filter: tf.Tensor4D, problem: Problem): tf.Tensor4D {
  const { stride } = problem;
  const [height, width, channels, outputs] = filter.shape;
  const [{ taps: rows }, { taps: columns }] = directionsOf(problem);
  const [zerosBelow, zerosRight] = [stride * rows - height, stride * columns - width];
  const whole = tf.pad4d(filter, [[0, zerosBelow], [0, zerosRight], [0, 0], [0, 0]]);
  // Few axes at a time: WebGL reverses four at most.
  const upsideDown = tf.reverse(tf.reshape(whole, [rows, -1]), 0);
  const turned = tf.reverse(tf.reshape(upsideDown, [rows * stride, columns, -1]), 1);
  const parts = tf.reshape(turned, [rows, stride, columns, stride, channels, outputs]);
  const channelsLast = tf.transpose(parts, [0, 2, 5, 1, 3, 4]);
  return tf.reshape(channelsLast, [rows, columns, outputs, stride * stride * channels]);
}

/** Stands for the input gradient alone. */
export const TURNED_FORM: ConvolutionForm & Required<Pick<ConvolutionForm, "inputGradient">> = {
  fits: (problem) => directionsOf(problem).every(({ before }) => before >= 0),
  prepare: turned,
  inputGradient(gradient, prepared, problem) {
    const [dy, filter] = [gradient as tf.Tensor4D, prepared as tf.Tensor4D];
    const { input: [n, height, width, channels], stride } = problem;
    const [vertical, horizontal] = directionsOf(problem);
    const sides = [vertical.before, vertical.after, horizontal.before, horizontal.after];
    const isEven = sides.every((zeros) => zeros === vertical.before);
    const padded = isEven ? dy : tf.pad4d(dy, [
      [0, 0],
      [vertical.before, vertical.after],
      [horizontal.before, horizontal.after],
      [0, 0],
    ]);
    const blocks = PUBLIC_FORM.forward(padded, filter, {
      input: padded.shape,
      filter: filter.shape,
      stride: 1,
      padding: isEven ? vertical.before : 0,
    });
    if (stride === 1) return blocks;
    const pixels = tf.depthToSpace(blocks, stride);
    const start: [number, number, number, number] = [0, vertical.skipped, horizontal.skipped, 0];
    return tf.slice4d(pixels, start, [n, height, width, channels]);
  },
};
