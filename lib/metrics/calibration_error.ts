import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireBoolean, requireOneOf } from "../arguments/require.ts";
import { binSums } from "./_bin_sums.ts";
import { massBins, requireBins, widthBin } from "./_calibration_bins.ts";
import { debiasedError, unbiasedSquare } from "./_debiased_calibration.ts";
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
  /** Whether to take off what noise alone adds; with norm "l1" or "l2". Default false. */
  readonly debiased?: boolean;
}

const optionNames: OptionNames<CalibrationErrorOptions> = {
  ...{ bins: true, norm: true, binning: true, debiased: true },
};

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
 * These are too large: with few images in a bin, accuracy differs from confidence by chance, also in a
 * perfectly calibrated model ({@linkcode calibrationFloor} says by how much). `debiased` takes that off.
 * l2 becomes the square root of Kumar et al.'s (2019) unbiased square, sum_b (n_b / N) ((acc(b) -
 * conf(b))² - acc(b) (1 - acc(b)) / (n_b - 1)), bins of one image left out. For l1 no unbiased estimator
 * exists: |x - conf| has its kink at 0. With s_b the gap's standard deviation and g = (acc(b) -
 * conf(b)) / s_b, l1 becomes sum_b (n_b / N) s_b (|g| - 0.75 exp(-g² / 2)), whose bias is within
 * ±0.27 sum_b (n_b / N) s_b whatever the true gaps. Both are cut at 0.
 *
 * @param p Predictions of N >= 1 images.
 * @param options `bins` >= 1, default 15; `norm`, default "l1"; `binning`, default "width";
 * `debiased`, default false.
 * @returns A number in [0, 1]; l1 <= l2 <= max where not debiased.
 * @throws {TypeError} If an option is unknown or debiased is not true or false.
 * @throws {RangeError} If debiased is asked for with norm "max", an option is out of range or the predictions' parts do not fit each other.
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
  const { bins = 15, norm = "l1", binning = "width", debiased = false } = options;
  requireBins(bins);
  requireOneOf("norm", norm, ["l1", "l2", "max"]);
  requireOneOf("binning", binning, ["width", "mass"]);
  requireBoolean("debiased", debiased);
  if (debiased && norm === "max") {
    throw new RangeError(`Expected norm to be "l1" or "l2" with debiased but found "max"`);
  }
  const { confidence, correct } = outcomes(p);
  const order = Uint32Array.from(confidence, (_, image) => image);
  // By size, sums do not depend on the order of the images.
  if (binning === "mass") order.sort((a, b) => confidence[a]! - confidence[b]!);
  const binOf = Uint32Array.from(
    confidence,
    binning === "mass" ? massBins(confidence, bins) : (value) => widthBin(value, bins),
  );
  const sums = binSums({ confidence, correct }, binOf, bins, order);
  if (debiased && norm === "l1") return Math.max(0, debiasedError(sums).error);
  if (debiased) return Math.sqrt(Math.max(0, unbiasedSquare(sums)));
  let total = 0;
  let largest = 0;
  for (let b = 0; b < bins; b++) {
    const count = sums.count[b]!;
    if (count === 0) continue;
    const gap = Math.abs(sums.hits[b]! - sums.confidence[b]!) / count;
    total += (count / p.length) * (norm === "l2" ? gap * gap : gap);
    largest = Math.max(largest, gap);
  }
  if (norm === "max") return largest;
  return norm === "l2" ? Math.sqrt(total) : total;
}
