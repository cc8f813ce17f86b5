import { accuracy } from "../../../metrics/accuracy.ts";
import { brierScore } from "../../../metrics/brier_score.ts";
import { calibrationError } from "../../../metrics/calibration_error.ts";
import { classwiseCalibrationError } from "../../../metrics/classwise_calibration_error.ts";
import { confusionMatrix } from "../../../metrics/confusion.ts";
import { negativeLogLikelihood } from "../../../metrics/negative_log_likelihood.ts";
import { perClassAccuracy } from "../../../metrics/per_class.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import { riskCoverage } from "../../../metrics/risk_coverage.ts";
import { selectiveAccuracy } from "../../../metrics/selective_accuracy.ts";
import { applyTemperature, fitTemperature } from "../../../metrics/temperature.ts";
import { wilsonInterval } from "../../../metrics/wilson_interval.ts";
import type { Proportion, TemperatureResult } from "../../records/evaluation.ts";

/** k right answers of n, with the 95 % interval. */
export function proportionOf(correct: number, n: number): Proportion {
  return { accuracy: correct / n, n, ...wilsonInterval(correct, n) };
}

/**
 * Every figure that needs nothing but predictions, under its name in `<name>.metrics.json`.
 *
 * @param bins Of the equal-width calibration errors.
 */
export function figuresOf(p: Predictions, bins: number) {
  const { aurc, excessAurc } = riskCoverage(p);
  const { low, high, ...share } = proportionOf(Math.round(accuracy(p) * p.length), p.length);
  return {
    ...share,
    accuracyInterval: { low, high },
    bins,
    ece: calibrationError(p, { bins }),
    eceMass: calibrationError(p, { bins, binning: "mass" }),
    maximumCalibrationError: calibrationError(p, { bins, norm: "max" }),
    classwiseEce: classwiseCalibrationError(p, { bins }),
    brier: brierScore(p),
    nll: negativeLogLikelihood(p),
    aurc,
    excessAurc,
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
 * @param fittedOn The held-out images in words.
 */
export function scaleTemperature(
  heldOut: Predictions,
  test: Predictions,
  { bins, fittedOn }: { readonly bins: number; readonly fittedOn: string },
): TemperatureResult {
  const temperature = fitTemperature(heldOut);
  const scaled = applyTemperature(test, temperature);
  return {
    temperature,
    fittedOn,
    fittedImages: heldOut.length,
    ece: calibrationError(scaled, { bins }),
    brier: brierScore(scaled),
    nll: negativeLogLikelihood(scaled),
    aurc: riskCoverage(scaled).aurc,
  };
}
