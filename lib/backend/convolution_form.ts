/** What the forms of a convolution have in common: the problem, and what a form can do. */
import type { tf } from "./tf.ts";

export type Shape4 = readonly [number, number, number, number];

/** Stride and symmetric zero padding. */
export interface Geometry {
  readonly stride: number;
  readonly padding: number;
}

/** A convolution, whatever computes it. */
export interface Problem extends Geometry {
  /** [n, h, w, channels]. */
  readonly input: Shape4;
  /** [kernel, kernel, channels, outputs]. */
  readonly filter: Shape4;
}

/** What is computed of a convolution. */
export const PASSES = ["forward", "inputGradient", "filterGradient"] as const;
/** @internal */
export type Pass = typeof PASSES[number];

/** One way to compute a convolution. A pass that a form lacks is left to another. */
export interface ConvolutionForm {
  /** Whether this form computes the problem. */
  fits(problem: Problem): boolean;
  /** The filter as `forward` and `inputGradient` want it. Default: as it is. */
  prepare?(filter: tf.Tensor4D, problem: Problem): tf.Tensor;
  forward?(x: tf.Tensor4D, prepared: tf.Tensor, problem: Problem): tf.Tensor4D;
  inputGradient?(dy: tf.Tensor4D, prepared: tf.Tensor, problem: Problem): tf.Tensor4D;
  filterGradient?(dy: tf.Tensor4D, x: tf.Tensor4D, problem: Problem): tf.Tensor4D;
}

/** Height or width of the output. */
export function outputSize(size: number, kernel: number, { stride, padding }: Geometry): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

/** [n, h', w', outputs]. */
export function outputShape(problem: Problem): Shape4 {
  const { input: [n, h, w], filter: [kernelHeight, kernelWidth, , outputs] } = problem;
  return [n, outputSize(h, kernelHeight, problem), outputSize(w, kernelWidth, problem), outputs];
}
