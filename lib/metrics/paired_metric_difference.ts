import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { throwIfInterrupted } from "../terminal/interrupt.ts";
import {
  requireBoolean,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOneOf,
} from "../arguments/require.ts";
import { generator } from "../random/generator.ts";
import { calibrationDifference } from "./_calibration_difference.ts";
import { outcomes } from "./outcomes.ts";
import type { Interval } from "./quantile.ts";
import { resample } from "./_resample.ts";
import { bootstrapOptionNames, type BootstrapOptions } from "./bootstrap_interval.ts";
import { brierScore } from "./brier_score.ts";
import { calibrationError } from "./calibration_error.ts";
import { negativeLogLikelihood } from "./negative_log_likelihood.ts";
import type { Predictions } from "./predictions.ts";
import { riskCoverage } from "./risk_coverage.ts";

/** Metrics that {@linkcode pairedMetricDifference} knows by name. */
export const namedMetrics = {
  ece: (p: Predictions): number => calibrationError(p, { debiased: true }),
  brier: brierScore,
  nll: negativeLogLikelihood,
  aurc: (p: Predictions): number => riskCoverage(p).aurc,
} as const;

/** A metric that {@linkcode pairedMetricDifference} knows by name. */
export type NamedMetric = keyof NamedMetrics;
/** @internal */
type NamedMetrics = typeof namedMetrics;

/** Options of {@linkcode pairedMetricDifference}. */
export interface MetricDifferenceOptions extends BootstrapOptions {
  /** Number of resamples, at least 1. Default 400. */
  readonly samples?: number;
  /** Whether row i is the same image on both sides. Default: whether the labels agree row by row. */
  readonly paired?: boolean;
}

const optionNames: OptionNames<MetricDifferenceOptions> = { ...bootstrapOptionNames, paired: true };

/** A metric's difference with its interval. */
export interface MetricDifference extends Interval {
  /** The metric of the first less that of the second; of "ece", the debiased one. */
  readonly difference: number;
  /**
   * Two-sided p-value of no difference: for "ece" of the interval's own test, else twice the share of
   * resamples on the smaller side of 0, so at least 2 / (samples + 1).
   */
  readonly pValue: number;
}

function sameLabels(a: Predictions, b: Predictions): boolean {
  return a.length === b.length && Array.prototype.every.call(
    a.labels,
    (label: number, i: number) => label === b.labels[i],
  );
}

/**
 * Compares two models by a metric of their predictions: the difference a - b with its interval over
 * test images. On the same images, each resample draws the same images for both, which removes what
 * both models share: how hard an image is. On different images, each side is drawn by itself.
 *
 * "brier", "nll", "aurc" and functions have a percentile bootstrap interval (Efron 1979): its ends are
 * order statistics of the resampled differences.
 *
 * "ece" has not. A calibration error is biased upwards, more so for an unsure model than for a sure
 * one, and a resample adds the bias a second time. `difference` is that of the debiased
 * {@linkcode calibrationError}, and the interval covers the difference of the two models' true
 * calibration errors, sum_b P(b) |E(correct | b) - E(confidence | b)| over the 15 bins: a normal
 * interval with the resamples' standard deviation, lengthened for the bias that no estimator can
 * avoid (Armstrong and Kolesár 2020). It holds for any pattern of miscalibration, so that two
 * calibrated models are called different in fewer than 5 % of cases. To compare by another calibration
 * error, pass no function: its percentile interval would be wrong in the same way.
 *
 * @param a Predictions of N >= 1 images, of one model.
 * @param b Those of another model, on the same images in the same order, or on others.
 * @param metric "ece" (15 bins), "brier", "nll", "aurc", or a function of predictions.
 * @param options `samples` (default 400), `level` in (0, 1) (default 0.95), `seed` (default 0), and
 * `paired`: whether both are about the same images (default: whether the labels agree row by row).
 * @returns The difference in the unit of the metric, and the ends of its interval.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If an option is out of range, `paired` is asked for with different N, the
 * predictions' parts do not fit each other, or the metric is NaN.
 * @example
 * ```ts
 * import { assert, assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const labels = [0, 1, 0, 1];
 * const sure = predictionsFromLogits(new Float32Array([4, 0, 0, 4, 4, 0, 0, 4]), labels, 2);
 * const unsure = predictionsFromLogits(new Float32Array([1, 0, 0, 1, 1, 0, 0, 1]), labels, 2);
 * const { difference, low, high } = pairedMetricDifference(sure, unsure, "brier");
 * assert(difference < 0 && low <= difference && difference <= high);
 * const none = pairedMetricDifference(sure, sure, "ece");
 * assertEquals(none, { difference: 0, low: 0, high: 0, pValue: 1 });
 * ```
 */
export function pairedMetricDifference(
  a: Predictions,
  b: Predictions,
  metric: NamedMetric | ((p: Predictions) => number),
  options: MetricDifferenceOptions = {},
): MetricDifference {
  requireKnownOptions("pairedMetricDifference", options, optionNames);
  if (typeof metric === "string") requireOneOf("metric", metric, Object.keys(namedMetrics));
  else requireFunction("metric", metric);
  const of = typeof metric === "string" ? namedMetrics[metric] : metric;
  const known = [outcomes(a), outcomes(b)] as const;
  const { samples = 400, level = 0.95, seed = 0, paired = sameLabels(a, b) } = options;
  requireInteger("samples", samples, { min: 1 });
  requireNumber("level", level, { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true });
  requireInteger("seed", seed);
  requireBoolean("paired", paired);
  if (paired && a.length !== b.length) {
    throw new RangeError(
      `Expected as many predictions in a as in b to pair them but found ${a.length} and ${b.length}`,
    );
  }
  if (metric === "ece") {
    return calibrationDifference(known[0], known[1], { paired, samples, level, seed });
  }
  const { integer } = generator(seed);
  const draw = (n: number) => new Uint32Array(n).map(() => integer(n));
  const gap = (one: Predictions, other: Predictions, what: string): number => {
    const value = of(one) - of(other);
    if (Number.isNaN(value)) {
      throw new RangeError(`Expected metric to be a number ${what} but found NaN`);
    }
    return value;
  };
  const difference = gap(a, b, "on a and b");
  const gaps = Float64Array.from({ length: samples }, (_, s) => {
    throwIfInterrupted();
    const rows = draw(a.length);
    const others = paired ? rows : draw(b.length);
    return gap(resample(a, known[0], rows), resample(b, known[1], others), `on resample ${s}`);
  }).sort();
  const tail = (1 - level) / 2;
  const beyond = (side: 1 | -1) => gaps.reduce((sum, value) => sum + Number(side * value >= 0), 0);
  return {
    difference,
    low: gaps[Math.floor(tail * samples)]!,
    high: gaps[Math.ceil((1 - tail) * samples) - 1]!,
    pValue: Math.min(1, 2 * (1 + Math.min(beyond(1), beyond(-1))) / (samples + 1)),
  };
}
