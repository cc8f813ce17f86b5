import { throwIfInterrupted } from "../terminal/interrupt.ts";
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger } from "../arguments/require.ts";
import { generator } from "../random/generator.ts";
import { requireBins, widthBin } from "./_calibration_bins.ts";
import { outcomes } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";
import { quantileOfSorted } from "./quantile.ts";

/** Options of {@linkcode calibrationFloor}. */
export interface CalibrationFloorOptions {
  /** Number of bins of equal width, at least 1. Default 15. */
  readonly bins?: number;
  /** How often the labels are redrawn, at least 1. Default 200. */
  readonly samples?: number;
  /** Seed of the draws. Default 0. */
  readonly seed?: number;
}

/** The calibration error that a perfectly calibrated model would show. */
export interface CalibrationFloor {
  /** Its mean. */
  readonly mean: number;
  /** Its 95th percentile: an error above it is evidence of miscalibration at the 5 % level. */
  readonly high: number;
}

const optionNames: OptionNames<CalibrationFloorOptions> = { bins: true, samples: true, seed: true };

/**
 * The l1 {@linkcode calibrationError} that chance alone gives with these images and confidences
 * (Vaicenavicius et al. 2019, "consistency resampling"): labels are drawn from the predicted
 * probabilities, so that the model is perfectly calibrated, and the error is measured again.
 *
 * An error is to be read beside its floor: 3 % on a floor of 2.8 % says nothing against the model. The
 * floor falls with the square root of the number of images.
 *
 * @param p Predictions of N >= 1 images; labels are not read.
 * @param options `bins` >= 1, default 15; `samples` >= 1, default 200; `seed`, default 0.
 * @returns Mean and 95th percentile over the draws, each in [0, 1].
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If an option is out of range or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * // One image with confidence 0.5: right or wrong, the error is 0.5.
 * assertEquals(calibrationFloor(predictionsFromLogits(new Float32Array(2), [0], 2)), {
 *   mean: 0.5,
 *   high: 0.5,
 * });
 * // 100 such images: E |heads - 50| / 100 of 100 fair coins is 0.0398.
 * const hundred = predictionsFromLogits(new Float32Array(200), new Uint8Array(100), 2);
 * assertAlmostEquals(calibrationFloor(hundred, { samples: 5000 }).mean, 0.0398, 1e-3);
 * ```
 */
export function calibrationFloor(
  p: Predictions,
  options: CalibrationFloorOptions = {},
): CalibrationFloor {
  requireKnownOptions("calibrationFloor", options, optionNames);
  const { bins = 15, samples = 200, seed = 0 } = options;
  requireBins(bins);
  requireInteger("samples", samples, { min: 1 });
  requireInteger("seed", seed);
  const { confidence } = outcomes(p);
  const bin = Uint32Array.from(confidence, (value) => widthBin(value, bins));
  const { uniform } = generator(seed);
  const excess = new Float64Array(bins);
  const errors = Float64Array.from({ length: samples }, () => {
    throwIfInterrupted();
    excess.fill(0);
    for (let i = 0; i < p.length; i++) {
      const value = confidence[i]!;
      excess[bin[i]!]! += uniform() < value ? value - 1 : value;
    }
    return excess.reduce((sum, gap) => sum + Math.abs(gap), 0) / p.length;
  }).sort();
  return {
    mean: errors.reduce((sum, error) => sum + error, 0) / samples,
    high: quantileOfSorted(errors, 0.95),
  };
}
