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

/**
 * One way to compute a convolution. A pass that a form lacks is left to another. What `input` and
 * `gradient` make is used by two passes each: forward and filter gradient, input and filter gradient.
 */
export interface ConvolutionForm {
  /** Whether this form computes the problem. */
  fits(problem: Problem): boolean;
  /** The filter as `forward` and `inputGradient` want it. Default: as it is. */
  prepare?(filter: tf.Tensor4D, problem: Problem): tf.Tensor;
  /** The maps as `forward` and `filterGradient` want them. Default: as they are. */
  input?(x: tf.Tensor4D, problem: Problem): tf.Tensor;
  /** The output's gradient as `inputGradient` and `filterGradient` want it. Default: as it is. */
  gradient?(dy: tf.Tensor4D, problem: Problem): tf.Tensor;
  forward?(input: tf.Tensor, prepared: tf.Tensor, problem: Problem): tf.Tensor4D;
  inputGradient?(gradient: tf.Tensor, prepared: tf.Tensor, problem: Problem): tf.Tensor4D;
  filterGradient?(gradient: tf.Tensor, input: tf.Tensor, problem: Problem): tf.Tensor4D;
}

/** A form that computes the given passes. */
export type FormOf<P extends Pass> = ConvolutionForm & Required<Pick<ConvolutionForm, P>>;

/** y = conv(x, filter) by a form. */
export function forwardBy(
  form: FormOf<"forward">,
  x: tf.Tensor4D,
  prepared: tf.Tensor,
  problem: Problem,
): tf.Tensor4D {
  return form.forward(form.input?.(x, problem) ?? x, prepared, problem);
}

/** The gradient with respect to x by a form. */
export function inputGradientBy(
  form: FormOf<"inputGradient">,
  dy: tf.Tensor4D,
  prepared: tf.Tensor,
  problem: Problem,
): tf.Tensor4D {
  return form.inputGradient(form.gradient?.(dy, problem) ?? dy, prepared, problem);
}

/** The gradient with respect to the filter by a form. */
export function filterGradientBy(
  form: FormOf<"filterGradient">,
  dy: tf.Tensor4D,
  x: tf.Tensor4D,
  problem: Problem,
): tf.Tensor4D {
  const gradient = form.gradient?.(dy, problem) ?? dy;
  return form.filterGradient(gradient, form.input?.(x, problem) ?? x, problem);
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
