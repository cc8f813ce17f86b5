import { requireInteger, requireOneOf, requireParts } from "../arguments/require.ts";
import { type ConformalScore, conformalScores, eachImagesScores } from "./_conformal_scores.ts";
import { CALIBRATION_STREAM, type ConformalThreshold } from "./conformal_threshold.ts";
import { outcomes } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

/** Prediction sets and what they are worth. */
export interface ConformalSets {
  /** N x K, row-major: 1 where the image's set holds the class. */
  readonly sets: Uint8Array;
  /** Share of images whose set holds the label. */
  readonly coverage: number;
  /** Mean number of classes in a set, in [0, K]. */
  readonly meanSize: number;
  /** K coverages, each over the images of one class; NaN for a class without an image. */
  readonly classCoverage: number[];
}

/** A threshold, also as JSON brings it back: an infinite value is null there. */
export type StoredThreshold =
  & Omit<ConformalThreshold, "value">
  & { readonly value: number | null };

function requireThreshold(threshold: StoredThreshold): void {
  requireParts("threshold", threshold, "a result of conformalThreshold", [
    ...["score", "value", "seed"],
  ]);
  requireOneOf(
    "threshold.score",
    threshold.score,
    Object.keys(conformalScores) as ConformalScore[],
  );
  requireInteger("threshold.seed", threshold.seed);
  const { value } = threshold;
  if (value !== null && (typeof value !== "number" || Number.isNaN(value))) {
    throw new TypeError(`Expected threshold.value to be a number or null but found ${value}`);
  }
}

/**
 * Makes the prediction set of each image, all classes whose score is at most the threshold, and
 * measures how often it holds the label. Sets of "aps" and "raps" always hold the most probable class;
 * their draws depend on the seed, on each image's place, and on nothing that
 * {@linkcode conformalThreshold} drew. "lac" leaves a set empty where no class fits.
 *
 * @param p Predictions of N >= 1 images in K classes.
 * @param threshold From {@linkcode conformalThreshold}, on other images; a value of Infinity, or null
 * as JSON stores it, makes sets of all classes.
 * @returns The sets, their coverage and mean size, and the coverage of each class.
 * @throws {TypeError} If threshold lacks a part or its value is not a number.
 * @throws {RangeError} If the score or the seed is out of range, or the predictions' parts do not fit
 * each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * // Probabilities 0.9 / 0.1 and 0.5 / 0.5; classes with 1 - p <= 0.6 are in the set.
 * const p = predictionsFromLogits(new Float32Array([Math.log(9), 0, 0, 0]), [1, 1], 2);
 * const result = conformalSets(p, { score: "lac", alpha: 0.1, value: 0.6, seed: 0 });
 * assertEquals([...result.sets], [1, 0, 1, 1]);
 * assertEquals([result.coverage, result.meanSize], [0.5, 1.5]);
 * assertEquals(result.classCoverage, [NaN, 0.5]);
 * ```
 */
export function conformalSets(p: Predictions, threshold: StoredThreshold): ConformalSets {
  requireThreshold(threshold);
  const { predicted } = outcomes(p);
  const { length, classes, labels } = p;
  const { score, seed } = threshold;
  const value = threshold.value ?? Infinity;
  const sets = new Uint8Array(length * classes);
  const counts = new Float64Array(classes);
  const held = new Float64Array(classes);
  let size = 0;
  const stream = CALIBRATION_STREAM + 1;
  eachImagesScores(p, score, { seed, stream }, (scores, image) => {
    const set = sets.subarray(image * classes, (image + 1) * classes);
    for (let k = 0; k < classes; k++) set[k] = scores[k]! <= value ? 1 : 0;
    if (score !== "lac") set[predicted[image]!] = 1;
    for (const inside of set) size += inside;
    counts[labels[image]!]! += 1;
    held[labels[image]!]! += set[labels[image]!]!;
  });
  return {
    sets,
    coverage: held.reduce((sum, one) => sum + one, 0) / length,
    meanSize: size / length,
    classCoverage: Array.from(held, (one, k) => one / counts[k]!),
  };
}
