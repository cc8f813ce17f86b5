import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { tf } from "../backend/tf.ts";
import { softmaxCrossEntropy } from "../backend/softmax_cross_entropy.ts";
import { boundedLogits } from "./_bounded_logits.ts";
import { reduce, type Reduction } from "./reduction.ts";
import { readLabels, requireLogits, targetDistribution } from "./target_distribution.ts";

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions {
  /** Default "mean". */
  readonly reduction?: Reduction | undefined;
}

const optionNames: OptionNames<CrossEntropyOptions> = { reduction: true };

/**
 * Cross entropy of the labels under softmax(logits): `-log softmax(z)_y` per sample. Finite for any
 * finite logits (magnitudes beyond 1e30 count as 1e30); NaN or infinite logits give NaN.
 *
 * @param logits [n, classes] raw scores.
 * @param labels [n] int32 class indices in [0, classes).
 * @returns An owned scalar, or [n] with reduction "none"; differentiable in the logits.
 * @throws {TypeError} If logits are not float32 or labels not int32.
 * @throws {RangeError} If shapes disagree, a label is out of range or the reduction is unknown.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const loss = crossEntropy(tf.tensor2d([[0, Math.log(3)]]), tf.tensor1d([1], "int32"));
 * assertAlmostEquals(loss.dataSync()[0]!, Math.log(4 / 3), 1e-6);
 * ```
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: { readonly reduction: "none" },
): tf.Tensor1D;
/** The mean or the sum over the samples, an owned scalar. Default the mean. */
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options?: { readonly reduction?: "mean" | "sum" | undefined },
): tf.Scalar;
/** A scalar, or [n] with reduction "none", where the compiler cannot know which. */
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options?: CrossEntropyOptions,
): tf.Tensor1D | tf.Scalar;
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: CrossEntropyOptions = {},
): tf.Tensor1D | tf.Scalar {
  requireKnownOptions("crossEntropy", options, optionNames);
  const { reduction = "mean" } = options;
  requireLogits(logits);
  const [samples, classes] = logits.shape;
  const classIndices = readLabels(labels, samples, classes);
  return tf.tidy(() => {
    const targets = targetDistribution(classIndices, classes, 1, 0);
    return reduce(softmaxCrossEntropy(boundedLogits(logits), targets), reduction);
  });
}
