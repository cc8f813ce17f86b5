import { shareOfOnes } from "./_correct.ts";
import { outcomes } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

/**
 * Share of images whose most probable class is the label. Of equally probable classes the lowest
 * is predicted.
 *
 * @param p Predictions of N >= 1 images.
 * @returns A fraction in [0, 1].
 * @throws {RangeError} If the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([2, 1, 0, 3]), [0, 0], 2);
 * assertEquals(accuracy(p), 0.5);
 * ```
 */
export function accuracy(p: Predictions): number {
  return shareOfOnes(outcomes(p).correct);
}
