/** The metrics that need nothing but logits and labels. */
import { accuracy } from "../../metrics/accuracy.ts";
import { brierScore } from "../../metrics/brier_score.ts";
import { calibrationError } from "../../metrics/calibration_error.ts";
import { type CalibrationFloor, calibrationFloor } from "../../metrics/calibration_floor.ts";
import { classwiseCalibrationError } from "../../metrics/classwise_calibration_error.ts";
import { confusionMatrix } from "../../metrics/confusion.ts";
import { lazy } from "../../metrics/lazy.ts";
import { negativeLogLikelihood } from "../../metrics/negative_log_likelihood.ts";
import { perClassAccuracy } from "../../metrics/per_class.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import { riskCoverage } from "../../metrics/risk_coverage.ts";
import { selectiveAccuracy } from "../../metrics/selective_accuracy.ts";
import { applyTemperature, fitTemperature } from "../../metrics/temperature.ts";
import { wilsonInterval } from "../../metrics/wilson_interval.ts";

/** A proportion with its 95 % Wilson interval. */
export interface Proportion {
  readonly accuracy: number;
  readonly n: number;
  readonly low: number;
  readonly high: number;
}

/** k right answers of n, with the 95 % interval. */
export function proportionOf(correct: number, n: number): Proportion {
  return { accuracy: correct / n, n, ...wilsonInterval(correct, n) };
}

/** Accuracy of predictions, with the 95 % interval. */
export function shareOf(p: Predictions): Proportion {
  return proportionOf(Math.round(accuracy(p) * p.length), p.length);
}

function confidenceMetrics(p: Predictions, bins: number) {
  const { aurc, excessAurc } = riskCoverage(p);
  return {
    ece: calibrationError(p, { bins }),
    debiasedEce: calibrationError(p, { bins, debiased: true }),
    brier: brierScore(p),
    nll: negativeLogLikelihood(p),
    aurc,
    excessAurc,
  };
}

/** The floor of an ECE over these bins, drawn when it is first asked for: few tables show it. */
export function floorOf(p: Predictions, bins: number): () => CalibrationFloor {
  return lazy(() => calibrationFloor(p, { bins }));
}

/** What is shown of predictions under attack, on another domain or after scaling. */
export function calibrationMetrics(p: Predictions, bins: number) {
  const { excessAurc: _, ...shown } = confidenceMetrics(p, bins);
  return shown;
}

/**
 * Every metric of clean predictions.
 *
 * @param bins Of the equal-width calibration errors.
 * @internal
 */
export function predictionMetrics(p: Predictions, bins: number) {
  const { low, high, ...share } = shareOf(p);
  return {
    ...share,
    accuracyInterval: { low, high },
    bins,
    ...confidenceMetrics(p, bins),
    eceMass: calibrationError(p, { bins, binning: "mass" }),
    maximumCalibrationError: calibrationError(p, { bins, norm: "max" }),
    classwiseEce: classwiseCalibrationError(p, { bins }),
    selectiveAccuracy80: selectiveAccuracy(p, 0.8),
    selectiveAccuracy90: selectiveAccuracy(p, 0.9),
    perClassAccuracy: perClassAccuracy(p).map((value) => Number.isNaN(value) ? null : value),
    confusion: confusionMatrix(p),
  };
}

/**
 * Fits a temperature on held-out predictions and measures what it does on the test predictions.
 *
 * @param heldOut Predictions on images that are neither trained on nor tested on.
 * @param fittedOn Describes the held-out images, for captions.
 */
export function scaleTemperature(
  heldOut: Predictions,
  test: Predictions,
  { bins, fittedOn }: { readonly bins: number; readonly fittedOn: string },
) {
  const temperature = fitTemperature(heldOut);
  const scaled = applyTemperature(test, temperature);
  const floor = floorOf(scaled, bins);
  return {
    temperature,
    fittedOn,
    fittedImages: heldOut.length,
    ...calibrationMetrics(scaled, bins),
    get eceFloor() {
      return floor();
    },
  };
}
