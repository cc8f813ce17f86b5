import { perClassAccuracy } from "./per_class.ts";
import type { Predictions } from "./predictions.ts";

/**
 * Mean of the classes' accuracies (Brodersen et al. 2010): every class counts alike, however many
 * images it has. Guessing one class, or any class at random, gives 1 / K. Classes without an image
 * do not count.
 *
 * @param p Predictions of N >= 1 images in K classes.
 * @returns A fraction in [0, 1].
 * @throws {RangeError} If the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * // Always class 0: right for all three of class 0, wrong for the one of class 1.
 * const p = predictionsFromLogits(new Float32Array([1, 0, 1, 0, 1, 0, 1, 0]), [0, 0, 0, 1], 2);
 * assertEquals(balancedAccuracy(p), 0.5);
 * ```
 */
export function balancedAccuracy(p: Predictions): number {
  const present = perClassAccuracy(p).filter((share) => !Number.isNaN(share));
  return present.reduce((sum, share) => sum + share, 0) / present.length;
}
