import { confusionMatrix } from "./confusion.ts";
import type { Predictions } from "./predictions.ts";

/**
 * Agreement of predictions and labels beyond chance (Cohen 1960): kappa = (a - e) / (1 - e), with a
 * the accuracy and e = sum_k P(predicted k) P(label k), the accuracy of guessing with the same
 * frequencies.
 *
 * @param p Predictions of N >= 1 images.
 * @returns A number in [-1, 1]: 1 for perfect agreement, 0 for guessing; NaN where all images have
 * one label and are all predicted so, since guessing would then be right as well.
 * @throws {RangeError} If the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * // Accuracy 3/4; guessing: 3/4 x 1/2 + 1/4 x 1/2 = 1/2.
 * const p = predictionsFromLogits(new Float32Array([1, 0, 1, 0, 1, 0, 0, 1]), [0, 0, 1, 1], 2);
 * assertEquals(cohenKappa(p), 0.5);
 * ```
 */
export function cohenKappa(p: Predictions): number {
  const matrix = confusionMatrix(p);
  let [right, chance] = [0, 0];
  matrix.forEach((row, k) => {
    right += row[k]!;
    const labelled = row.reduce((sum, count) => sum + count, 0);
    const predicted = matrix.reduce((sum, other) => sum + other[k]!, 0);
    chance += labelled * predicted;
  });
  // In whole numbers, so that agreement by chance alone is 0 exactly.
  const n = p.length;
  return (right * n - chance) / (n * n - chance);
}
