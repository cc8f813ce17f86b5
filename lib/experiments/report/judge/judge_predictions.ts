import { type OptionNames, requireKnownOptions } from "../../../arguments/known_options.ts";
import { requireInteger, requireNumber, requireParts } from "../../../arguments/require.ts";
import { accuracy } from "../../../metrics/accuracy.ts";
import { balancedAccuracy } from "../../../metrics/balanced_accuracy.ts";
import { bootstrapInterval } from "../../../metrics/bootstrap_interval.ts";
import { brierScore } from "../../../metrics/brier_score.ts";
import { calibrationError } from "../../../metrics/calibration_error.ts";
import type { CalibrationFloor } from "../../../metrics/calibration_floor.ts";
import { cohenKappa } from "../../../metrics/cohen_kappa.ts";
import { conformalSets } from "../../../metrics/conformal_sets.ts";
import { type ConformalScore, conformalThreshold } from "../../../metrics/conformal_threshold.ts";
import { negativeLogLikelihood } from "../../../metrics/negative_log_likelihood.ts";
import { outcomes } from "../../../metrics/outcomes.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import { centralInterval, type Interval } from "../../../metrics/quantile.ts";
import { riskCoverage } from "../../../metrics/risk_coverage.ts";
import { selectiveAccuracy } from "../../../metrics/selective_accuracy.ts";
import { wilsonInterval } from "../../../metrics/wilson_interval.ts";
import { floorOf, predictionMetrics, scaleTemperature } from "../../records/prediction_metrics.ts";
import { meanInterval, ofEachImage, RESAMPLES } from "./_resampled_means.ts";
import { sharedRows } from "./_shared_rows.ts";

/** Options of {@linkcode judgePredictions}. */
export interface JudgeOptions {
  /**
   * Predictions of the same model on other labelled images, for temperature scaling and prediction
   * sets. Default: none of both.
   */
  readonly calibration?: Predictions;
  /** Bins of the calibration errors. Default 15. */
  readonly bins?: number;
  /** Share of images whose prediction set may miss the label, in (0, 1). Default 0.1. */
  readonly alpha?: number;
  /** Seed of resamples and draws. Default 0. */
  readonly seed?: number;
}

export const judgeOptionNames: OptionNames<JudgeOptions> = {
  ...{ calibration: true, bins: true, alpha: true, seed: true },
};

/** Metrics that have an interval over test images. */
const resampled = {
  balancedAccuracy,
  cohenKappa,
  aurc: (p: Predictions) => riskCoverage(p).aurc,
  excessAurc: (p: Predictions) => riskCoverage(p).excessAurc,
  augrc: (p: Predictions) => riskCoverage(p).augrc,
  selectiveAccuracy80: (p: Predictions) => selectiveAccuracy(p, 0.8),
  selectiveAccuracy90: (p: Predictions) => selectiveAccuracy(p, 0.9),
} as const;
/** @internal */
type Resampled = keyof Resamples;
/** @internal */
type Resamples = typeof resampled;

/** What the prediction sets of one score came to. */
export interface JudgedSets {
  /** How badly a class fits; see `conformalThreshold`. */
  readonly score: ConformalScore;
  /** Share of images whose set may miss the label. */
  readonly alpha: number;
  /** The threshold; null where there are too few calibration images and sets hold all classes. */
  readonly value: number | null;
  /** Share of the test images whose set holds the label. */
  readonly coverage: number;
  /** Its 95 % Wilson interval. */
  readonly coverageInterval: Interval;
  /** Mean number of classes in a set. */
  readonly meanSize: number;
  /** Share of the sets that are empty. */
  readonly empty: number;
}

function judgedSets(
  calibration: Predictions,
  p: Predictions,
  score: ConformalScore,
  { alpha, seed }: { readonly alpha: number; readonly seed: number },
): JudgedSets {
  const threshold = conformalThreshold(calibration, { alpha, score, seed });
  const { sets, coverage, meanSize } = conformalSets(p, threshold);
  let empty = 0;
  for (let i = 0; i < p.length; i++) {
    if (!sets.subarray(i * p.classes, (i + 1) * p.classes).includes(1)) empty++;
  }
  return {
    score,
    alpha,
    value: threshold.value === Infinity ? null : threshold.value,
    coverage,
    coverageInterval: wilsonInterval(Math.round(coverage * p.length), p.length),
    meanSize,
    empty: empty / p.length,
  };
}

/** Intervals of all metrics from the same resamples; null where a resample leaves one undefined. */
function intervals(p: Predictions, seed: number) {
  const names = Object.keys(resampled) as Resampled[];
  const draws = names.map(() => [] as number[]);
  bootstrapInterval(p, (drawn) => {
    names.forEach((name, k) => draws[k]!.push(resampled[name](drawn)));
    return 0;
  }, { samples: RESAMPLES, seed });
  const found = Object.fromEntries(names.map((name, k) => [
    name,
    draws[k]!.some(Number.isNaN) ? null : centralInterval(Float64Array.from(draws[k]!), 0.95),
  ])) as Record<Resampled, Interval | null>;
  return {
    brier: meanInterval(ofEachImage(p, brierScore), seed),
    nll: meanInterval(ofEachImage(p, negativeLogLikelihood), seed),
    ...found,
  };
}

/** Largest share of a calibration's rows that may be rows of the test by chance. */
const MOST_SHARED = 0.5;

function requireApart(calibration: Predictions, p: Predictions): number {
  if (calibration.classes !== p.classes) {
    throw new RangeError(
      `Expected calibration to have ${p.classes} classes, as the predictions have, but found ` +
        `${calibration.classes}`,
    );
  }
  const { shared, different } = sharedRows(calibration, p);
  if (shared > MOST_SHARED * different) {
    throw new RangeError(
      `Expected calibration to be of other images than those judged but found ${shared} of its ` +
        `${different} different rows among them: what is fitted on test images says nothing about new ones`,
    );
  }
  return shared;
}

/**
 * What a calibration set makes of the test images.
 *
 * @internal
 */
function calibrated(
  p: Predictions,
  calibration: Predictions,
  { bins, alpha, seed }: Required<Omit<JudgeOptions, "calibration">>,
) {
  const shared = requireApart(calibration, p);
  const scores = ["lac", "aps", "raps"] as const;
  const { fittedOn: _, eceFloor, ...scaled } = scaleTemperature(calibration, p, {
    bins,
    fittedOn: "",
  });
  return {
    temperatureScaling: { ...scaled, eceFloor, sharedRows: shared },
    conformal: scores.map((score) => judgedSets(calibration, p, score, { alpha, seed })),
  };
}

/**
 * Judges predictions by everything that needs no model: accuracy and its kin, calibration beside its
 * floor, proper scores, what confidence is worth, with 95 % intervals over images; with a calibration
 * set also a temperature and prediction sets.
 *
 * @param p Predictions of N >= 1 images.
 * @param options See {@linkcode JudgeOptions}.
 * @returns Fractions, not percentages. `ece` comes with `eceFloor`, what a perfectly calibrated model
 * would show, and no interval: see `calibrationError`. What is undefined is null.
 * @throws {TypeError} If an option is unknown or of another type.
 * @throws {RangeError} If an option is out of range, or more than half of the calibration's different
 * rows are rows of `p`.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "../../../metrics/predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([3, 0, 2, 0, 1, 0, 0, 1]), [0, 0, 1, 1], 2);
 * const { accuracy, balancedAccuracy, temperatureScaling } = judgePredictions(p);
 * assertEquals([accuracy, balancedAccuracy, temperatureScaling], [0.75, 0.75, null]);
 * ```
 */
export function judgePredictions(p: Predictions, options: JudgeOptions = {}): Judgement {
  requireKnownOptions("judgePredictions", options, judgeOptionNames);
  const { calibration, bins = 15, alpha = 0.1, seed = 0 } = options;
  requireInteger("bins", bins, { min: 1 });
  requireNumber("alpha", alpha, { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true });
  requireInteger("seed", seed);
  const { confidence } = outcomes(p);
  if (calibration !== undefined) {
    requireParts("calibration", calibration, "predictions", ["logits", "labels", "classes"]);
  }
  const fitted = calibration && calibrated(p, calibration, { bins, alpha, seed });
  const kappa = cohenKappa(p);
  return {
    classes: p.classes,
    ...predictionMetrics(p, bins),
    meanConfidence: confidence.reduce((sum, one) => sum + one, 0) / p.length,
    balancedAccuracy: balancedAccuracy(p),
    cohenKappa: Number.isNaN(kappa) ? null : kappa,
    augrc: riskCoverage(p).augrc,
    eceFloor: floorOf(p, bins)(),
    eceDebiased: calibrationError(p, { bins, debiased: true }),
    intervals: { accuracy: accuracyInterval(p), ...intervals(p, seed) },
    seed,
    resamples: RESAMPLES,
    temperatureScaling: fitted?.temperatureScaling ?? null,
    conformal: fitted?.conformal ?? null,
  };
}

function accuracyInterval(p: Predictions): Interval {
  return wilsonInterval(Math.round(accuracy(p) * p.length), p.length);
}

/** The metrics of a judgement that have an interval. */
export type JudgedMetric = "accuracy" | "brier" | "nll" | Resampled;

/** What {@linkcode judgePredictions} finds. */
export type Judgement =
  & ReturnType<typeof predictionMetrics>
  & {
    /** K. */
    readonly classes: number;
    /** Mean of the largest probabilities. */
    readonly meanConfidence: number;
    readonly balancedAccuracy: number;
    /** Null where all images have one label and are all predicted so. */
    readonly cohenKappa: number | null;
    readonly augrc: number;
    /** The ECE that chance alone gives: its mean and 95th percentile. */
    readonly eceFloor: CalibrationFloor;
    /** The ECE less what chance adds. */
    readonly eceDebiased: number;
    /** 95 % intervals over test images: Wilson's of the accuracy, else by bootstrap. */
    readonly intervals: Readonly<Record<JudgedMetric, Interval | null>>;
    readonly seed: number;
    readonly resamples: number;
    readonly temperatureScaling: ReturnType<typeof calibrated>["temperatureScaling"] | null;
    readonly conformal: readonly JudgedSets[] | null;
  };
