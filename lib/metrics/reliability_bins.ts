import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireBins, widthBin } from "./_calibration_bins.ts";
import { outcomes } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

/** One bar of a reliability diagram: the images with confidence in (low, high]. */
export interface ReliabilityBin {
  /** Lower end of the bin, in [0, 1), left out of it. */
  readonly low: number;
  /** Upper end of the bin, in (0, 1], part of it. */
  readonly high: number;
  /** Images in the bin. */
  readonly count: number;
  /** Their mean confidence; NaN in an empty bin. */
  readonly confidence: number;
  /** Their accuracy; NaN in an empty bin. */
  readonly accuracy: number;
}

const optionNames: OptionNames<Parameters<typeof reliabilityBins>[1]> = { bins: true };

/**
 * The bars of a reliability diagram (DeGroot and Fienberg 1983): equal-width bins of confidence.
 * The l1 {@linkcode calibrationError} is their count-weighted mean |accuracy - confidence|.
 *
 * @param p Predictions of N >= 1 images.
 * @param options.bins Number of bins, at least 1. Default 15.
 * @returns The bins by rising confidence; their counts sum to N.
 * @throws {RangeError} If bins is out of range or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * // A confidence of exactly 0.5 belongs to (0, 0.5].
 * const bins = reliabilityBins(predictionsFromLogits(new Float32Array(2), [0], 2), { bins: 2 });
 * assertEquals(bins[0], { low: 0, high: 0.5, count: 1, confidence: 0.5, accuracy: 1 });
 * assertEquals(bins[1], { low: 0.5, high: 1, count: 0, confidence: NaN, accuracy: NaN });
 * ```
 */
export function reliabilityBins(
  p: Predictions,
  options: { readonly bins?: number } = {},
): ReliabilityBin[] {
  requireKnownOptions("reliabilityBins", options, optionNames);
  const { bins = 15 } = options;
  requireBins(bins);
  const { confidence, correct } = outcomes(p);
  const count = new Float64Array(bins);
  const sumOfConfidence = new Float64Array(bins);
  const hits = new Float64Array(bins);
  confidence.forEach((value, image) => {
    const b = widthBin(value, bins);
    count[b]! += 1;
    sumOfConfidence[b]! += value;
    hits[b]! += correct[image]!;
  });
  return Array.from({ length: bins }, (_, b) => ({
    low: b / bins,
    high: (b + 1) / bins,
    count: count[b]!,
    confidence: sumOfConfidence[b]! / count[b]!,
    accuracy: hits[b]! / count[b]!,
  }));
}
