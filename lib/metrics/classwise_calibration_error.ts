import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireBins, widthBin } from "./_calibration_bins.ts";
import { requirePredictions } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

const optionNames: OptionNames<Parameters<typeof classwiseCalibrationError>[1]> = { bins: true };

/**
 * Calibration of every class's probability, not only of the largest one (Kull et al. 2019,
 * "classwise-ECE"): (1/K) sum_c sum_b (n_bc / N) |freq_c(b) - mean p_c(b)|, where the n_bc images of
 * bin b have p_c in (lo, hi] (0 in the first bin) and freq_c(b) is the share of them with label c.
 *
 * @param p Predictions of N >= 1 images in K classes.
 * @param options.bins Number of equal-width bins, at least 1. Default 15.
 * @returns A number in [0, 1].
 * @throws {RangeError} If bins is out of range or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * // Always (0.5, 0.5), but the label is always 0: each class is off by a half.
 * const p = predictionsFromLogits(new Float32Array(4), [0, 0], 2);
 * assertAlmostEquals(classwiseCalibrationError(p), 0.5, 1e-12);
 * ```
 */
export function classwiseCalibrationError(
  p: Predictions,
  options: { readonly bins?: number } = {},
): number {
  requireKnownOptions("classwiseCalibrationError", options, optionNames);
  const { bins = 15 } = options;
  requireBins(bins);
  requirePredictions(p);
  const { probabilities, labels, classes, length } = p;
  // Per class and bin: sum of (label is c) - p_c. Its absolute value is n_bc |freq - mean|.
  const gaps = new Float64Array(bins * classes);
  for (let i = 0; i < length; i++) {
    const label = labels[i]!;
    for (let c = 0; c < classes; c++) {
      const probability = probabilities[i * classes + c]!;
      gaps[c * bins + widthBin(probability, bins)]! += (label === c ? 1 : 0) - probability;
    }
  }
  return gaps.reduce((total, gap) => total + Math.abs(gap), 0) / (length * classes);
}
