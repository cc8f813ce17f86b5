import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { tf } from "../backend/tf.ts";
import { softmaxCrossEntropy } from "../backend/softmax_cross_entropy.ts";
import { requireInteger, requireNumber, requireOneOf } from "../arguments/require.ts";
import { boundedLogits } from "./_bounded_logits.ts";
import { reduce, type Reduction } from "./reduction.ts";
import { readLabels, requireLogits, targetDistribution } from "./target_distribution.ts";

/** Options of {@linkcode labelSmoothingCrossEntropy}. */
export interface LabelSmoothingOptions {
  /** Probability taken from the label, in [0, 1). Default 0.1. */
  readonly smoothing?: number | undefined;
  /** Where it goes: to the other classes alone, or to all classes. Default "others". */
  readonly spread?: "others" | "uniform" | undefined;
  /** Default "mean". */
  readonly reduction?: Reduction | undefined;
}

const optionNames: OptionNames<LabelSmoothingOptions> = {
  smoothing: true,
  spread: true,
  reduction: true,
};

/** The target probability on the label and on each other class. */
function smoothedTargets(classes: number, smoothing: number, spread: "others" | "uniform") {
  if (spread === "uniform") {
    return { onLabel: 1 - smoothing + smoothing / classes, onOthers: smoothing / classes };
  }
  return { onLabel: 1 - smoothing, onOthers: smoothing / (classes - 1) };
}

/**
 * Cross entropy against smoothed labels (Szegedy et al. 2016, section 7). With smoothing e and K
 * classes, "others" puts 1 - e on the label and e / (K - 1) on each other class; "uniform" mixes the
 * one-hot label with the uniform distribution, y (1 - e) + e / K, which is PyTorch's convention.
 * "others" with e equals "uniform" with e K / (K - 1).
 *
 * @param logits [n, classes] raw scores, at least 2 classes.
 * @param labels [n] int32 class indices in [0, classes).
 * @returns An owned scalar, or [n] with reduction "none"; differentiable in the logits.
 * @throws {TypeError} If logits are not float32 or labels not int32.
 * @throws {RangeError} If shapes disagree or an option is out of range.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const logits = tf.tensor2d([[0, Math.log(3)]]); // softmax: 1/4, 3/4
 * const loss = labelSmoothingCrossEntropy(logits, tf.tensor1d([1], "int32"));
 * assertAlmostEquals(loss.dataSync()[0]!, -0.9 * Math.log(3 / 4) - 0.1 * Math.log(1 / 4), 1e-6);
 * ```
 */
export function labelSmoothingCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: LabelSmoothingOptions & { readonly reduction: "none" },
): tf.Tensor1D;
/** The mean or the sum over the samples, an owned scalar. Default the mean. */
export function labelSmoothingCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options?: LabelSmoothingOptions & { readonly reduction?: "mean" | "sum" | undefined },
): tf.Scalar;
/** A scalar, or [n] with reduction "none", where the compiler cannot know which. */
export function labelSmoothingCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options?: LabelSmoothingOptions,
): tf.Tensor1D | tf.Scalar;
export function labelSmoothingCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: LabelSmoothingOptions = {},
): tf.Tensor1D | tf.Scalar {
  requireKnownOptions("labelSmoothingCrossEntropy", options, optionNames);
  const { smoothing = 0.1, spread = "others", reduction = "mean" } = options;
  requireNumber("smoothing", smoothing, { min: 0, max: 1, exclusiveMax: true });
  requireOneOf("spread", spread, ["others", "uniform"]);
  requireLogits(logits);
  const [samples, classes] = logits.shape;
  requireInteger("classes (the second dimension of logits)", classes, { min: 2 });
  const classIndices = readLabels(labels, samples, classes);
  const { onLabel, onOthers } = smoothedTargets(classes, smoothing, spread);
  return tf.tidy(() => {
    const targets = targetDistribution(classIndices, classes, onLabel, onOthers);
    return reduce(softmaxCrossEntropy(boundedLogits(logits), targets), reduction);
  });
}
