import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireNumber, requireOneOf, requireParts } from "../arguments/require.ts";
import { type ConformalScore, conformalScores, eachImagesScores } from "./_conformal_scores.ts";
import { requirePredictions } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

export type { ConformalScore };

/** Options of {@linkcode conformalThreshold}. */
export interface ConformalOptions {
  /** Share of images whose set may miss the label, in (0, 1). */
  readonly alpha: number;
  /** How badly a class fits. Default "lac". */
  readonly score?: ConformalScore;
  /** Seed of the draws of "aps" and "raps". Default 0. */
  readonly seed?: number;
}

/** What `conformalSets` needs of the calibration. */
export interface ConformalThreshold {
  /** How badly a class fits. */
  readonly score: ConformalScore;
  /** Share of images whose set may miss the label. */
  readonly alpha: number;
  /** A set holds the classes whose score is at most this; Infinity: all classes. */
  readonly value: number;
  /** Seed of the draws. */
  readonly seed: number;
}

const optionNames: OptionNames<ConformalOptions> = { alpha: true, score: true, seed: true };

/** The draws for calibration images come from this stream, those for sets from the next. */
export const CALIBRATION_STREAM = 0;

/**
 * Finds the threshold with which prediction sets hold the label of a share 1 - alpha of new images
 * (split conformal prediction, Vovk et al. 2005): the ceil((n + 1)(1 - alpha))-th smallest score of
 * the n calibration images' labels, Infinity where that is beyond n. The promise is for images drawn
 * as the calibration images were, on average over calibration sets; not per class, not under attack
 * and not on another domain.
 *
 * Scores of class y, u uniform in [0, 1) for each image:
 * - `"lac"`: 1 - p_y: the smallest sets, which may be empty (Sadinle et al. 2019);
 * - `"aps"`: the probability of the classes before y by falling probability, plus u p_y (Romano et al.
 *   2020): sets that grow with the difficulty of the image;
 * - `"raps"`: that plus 0.01 max(0, rank(y) - 1), rank from 1: fewer very large sets (Angelopoulos
 *   et al. 2021).
 *
 * @param calibration Predictions on held-out images: not those trained on, not those tested on.
 * @param options `alpha` in (0, 1); `score`, default "lac"; `seed`, default 0.
 * @returns What {@linkcode conformalSets} takes.
 * @throws {TypeError} If options is no object or an option is unknown.
 * @throws {RangeError} If an option is out of range or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * // Confidences 0.9, 0.8 and 0.6, all right. ceil((3 + 1)(1 - 0.5)) = 2: the second smallest score.
 * const logits = new Float32Array([Math.log(9), 0, Math.log(4), 0, Math.log(1.5), 0]);
 * const calibration = predictionsFromLogits(logits, [0, 0, 0], 2);
 * assertAlmostEquals(conformalThreshold(calibration, { alpha: 0.5 }).value, 0.2, 1e-6);
 * ```
 */
export function conformalThreshold(
  calibration: Predictions,
  options: ConformalOptions,
): ConformalThreshold {
  requireKnownOptions("conformalThreshold", options, optionNames);
  requireParts("options", options, "an object with alpha", ["alpha"]);
  const { alpha, score = "lac", seed = 0 } = options;
  requireNumber("alpha", alpha, { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true });
  requireOneOf("score", score, Object.keys(conformalScores) as ConformalScore[]);
  requireInteger("seed", seed);
  requirePredictions(calibration);
  const { length: n, labels } = calibration;
  const own = new Float64Array(n);
  eachImagesScores(calibration, score, { seed, stream: CALIBRATION_STREAM }, (scores, image) => {
    own[image] = scores[labels[image]!]!;
  });
  // 1 - 0.42 is 0.5800000000000001 in double precision: without slack 100 (1 - 0.42) would be 59.
  const rank = Math.max(1, Math.ceil((n + 1) * (1 - alpha) - 1e-9));
  return { score, alpha, value: rank > n ? Infinity : own.sort()[rank - 1]!, seed };
}
