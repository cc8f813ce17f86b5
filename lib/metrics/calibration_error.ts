import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireOneOf } from "../arguments/require.ts";
import { massBins, requireBins, widthBin } from "./_calibration_bins.ts";
import { outcomes } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

/** Options of {@linkcode calibrationError}. */
export interface CalibrationErrorOptions {
  /** Number of bins, at least 1. Default 15. */
  readonly bins?: number;
  /** `"l1"` (ECE, default), `"l2"` (root mean square) or `"max"` (MCE). */
  readonly norm?: "l1" | "l2" | "max";
  /** `"width"` (default): bins (lo, hi] of equal width. `"mass"`: equal numbers of images. */
  readonly binning?: "width" | "mass";
}

const optionNames: OptionNames<CalibrationErrorOptions> = { bins: true, norm: true, binning: true };

/**
 * How far confidence is from accuracy (Naeini et al. 2015; Guo et al. 2017).
 *
 * With acc(b) and conf(b) the accuracy and mean confidence of the n_b images of bin b:
 * l1 = sum_b (n_b / N) |acc(b) - conf(b)|, l2 = sqrt(sum_b (n_b / N) (acc(b) - conf(b))^2),
 * max = max_b |acc(b) - conf(b)|. Empty bins do not count.
 *
 * Mass bins: images sorted by confidence, cut into equal chunks of which the first N mod bins are
 * one larger. A cut between equal confidences moves to the end of the tie, so that the order of the
 * images cannot matter; a bin may become empty by it.
 *
 * @param p Predictions of N >= 1 images.
 * @returns A number in [0, 1]; l1 <= l2 <= max.
 * @throws {RangeError} If an option is out of range or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * // Two images predicted with confidence 0.8, one of them right: |0.5 - 0.8|.
 * const score = Math.log(4);
 * const p = predictionsFromLogits(new Float32Array([score, 0, score, 0]), [0, 1], 2);
 * assertAlmostEquals(calibrationError(p), 0.3, 1e-6);
 * ```
 */
export function calibrationError(p: Predictions, options: CalibrationErrorOptions = {}): number {
  requireKnownOptions("calibrationError", options, optionNames);
  const { bins = 15, norm = "l1", binning = "width" } = options;
  requireBins(bins);
  requireOneOf("norm", norm, ["l1", "l2", "max"]);
  requireOneOf("binning", binning, ["width", "mass"]);
  const { confidence, correct } = outcomes(p);
  const order = Uint32Array.from(confidence, (_, image) => image);
  // By size, sums do not depend on the order of the images.
  if (binning === "mass") order.sort((a, b) => confidence[a]! - confidence[b]!);
  const binOf = binning === "mass"
    ? massBins(confidence, bins)
    : (value: number) => widthBin(value, bins);
  const count = new Float64Array(bins);
  const sumOfConfidence = new Float64Array(bins);
  const hits = new Float64Array(bins);
  for (const image of order) {
    const b = binOf(confidence[image]!);
    count[b]! += 1;
    sumOfConfidence[b]! += confidence[image]!;
    hits[b]! += correct[image]!;
  }
  let total = 0;
  let largest = 0;
  for (let b = 0; b < bins; b++) {
    if (count[b] === 0) continue;
    const gap = Math.abs(hits[b]! - sumOfConfidence[b]!) / count[b]!;
    total += (count[b]! / p.length) * (norm === "l2" ? gap * gap : gap);
    largest = Math.max(largest, gap);
  }
  if (norm === "max") return largest;
  return norm === "l2" ? Math.sqrt(total) : total;
}
