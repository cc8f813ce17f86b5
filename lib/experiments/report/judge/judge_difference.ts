import { type OptionNames, requireKnownOptions } from "../../../arguments/known_options.ts";
import { requireInteger, requireParts } from "../../../arguments/require.ts";
import { balancedAccuracy } from "../../../metrics/balanced_accuracy.ts";
import { brierScore } from "../../../metrics/brier_score.ts";
import { negativeLogLikelihood } from "../../../metrics/negative_log_likelihood.ts";
import { outcomes } from "../../../metrics/outcomes.ts";
import { pairedDifference } from "../../../metrics/paired_difference.ts";
import { pairedMetricDifference } from "../../../metrics/paired_metric_difference.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import type { Interval } from "../../../metrics/quantile.ts";
import { riskCoverage } from "../../../metrics/risk_coverage.ts";
import { meanInterval, ofEachImage, RESAMPLES } from "./_resampled_means.ts";

/** Options of {@linkcode judgeDifference}. */
export interface JudgeDifferenceOptions {
  /** Seed of the resamples. Default 0. */
  readonly seed?: number;
}

const optionNames: OptionNames<JudgeDifferenceOptions> = { seed: true };

/** How two models differ in one metric. */
export interface JudgedDifference extends Interval {
  /** The first's value less the second's; of "ece", that of the debiased errors. */
  readonly difference: number;
}

/** How two models differ on the same images. */
export interface JudgedDifferences {
  /** Of the shares of images that are right, with McNemar's test. */
  readonly accuracy: JudgedDifference & {
    /** Images that only the first model has right. */
    readonly firstOnly: number;
    /** Images that only the second model has right. */
    readonly secondOnly: number;
    /** Two-sided exact McNemar p-value. */
    readonly pValue: number;
  };
  /** Of the means of the classes' accuracies. */
  readonly balancedAccuracy: JudgedDifference;
  /** Of the debiased calibration errors. */
  readonly ece: JudgedDifference;
  /** Of the Brier scores. */
  readonly brier: JudgedDifference;
  /** Of the negative log-likelihoods, in nats. */
  readonly nll: JudgedDifference;
  /** Of the areas under the risk-coverage curve. */
  readonly aurc: JudgedDifference;
  /** Of the areas under the generalized curve. */
  readonly augrc: JudgedDifference;
}

/** The difference of a metric that is a mean over images. */
function meanDifference(
  first: Predictions,
  second: Predictions,
  metric: (p: Predictions) => number,
  seed: number,
): JudgedDifference {
  const other = ofEachImage(second, metric);
  const gaps = ofEachImage(first, metric).map((value, i) => value - other[i]!);
  return {
    difference: gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length,
    ...meanInterval(gaps, seed),
  };
}

/**
 * Compares two models on the same images, metric by metric: the first less the second, with a 95 %
 * interval over images that were drawn alike for both.
 *
 * @param first Predictions of N >= 1 images.
 * @param second Another model's, on the same images in the same order.
 * @param options `seed`, default 0.
 * @returns A difference for each metric; an interval that holds 0 leaves open which model is better.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If the models have different numbers of classes, or their labels differ.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "../../../metrics/predictions.ts";
 * const labels = [0, 0, 1, 1];
 * const right = predictionsFromLogits(new Float32Array([1, 0, 1, 0, 0, 1, 0, 1]), labels, 2);
 * const half = predictionsFromLogits(new Float32Array([1, 0, 0, 1, 0, 1, 1, 0]), labels, 2);
 * const { accuracy } = judgeDifference(right, half);
 * assertEquals([accuracy.difference, accuracy.firstOnly, accuracy.secondOnly], [0.5, 2, 0]);
 * ```
 */
export function judgeDifference(
  first: Predictions,
  second: Predictions,
  options: JudgeDifferenceOptions = {},
): JudgedDifferences {
  requireKnownOptions("judgeDifference", options, optionNames);
  const { seed = 0 } = options;
  requireInteger("seed", seed);
  for (const [name, p] of [["first", first], ["second", second]] as const) {
    requireParts(name, p, "predictions", ["logits", "labels", "classes"]);
  }
  if (first.classes !== second.classes) {
    throw new RangeError(
      `Expected second to have ${first.classes} classes, as first has, but found ${second.classes}`,
    );
  }
  const [one, other] = [outcomes(first), outcomes(second)];
  const same = first.length === second.length &&
    Array.prototype.every.call(first.labels, (label, i) => label === second.labels[i]);
  if (!same) {
    throw new RangeError(
      "Expected second to be of the images of first, with the same labels in the same order, but " +
        `found other labels (${first.length} and ${second.length} images)`,
    );
  }
  const how = { samples: RESAMPLES, seed, paired: true };
  const { n: _, ...accuracy } = pairedDifference(one.correct, other.correct, { seed });
  return {
    accuracy,
    balancedAccuracy: pairedMetricDifference(first, second, balancedAccuracy, how),
    ece: pairedMetricDifference(first, second, "ece", how),
    brier: meanDifference(first, second, brierScore, seed),
    nll: meanDifference(first, second, negativeLogLikelihood, seed),
    aurc: pairedMetricDifference(first, second, "aurc", how),
    augrc: pairedMetricDifference(first, second, (p) => riskCoverage(p).augrc, how),
  };
}
