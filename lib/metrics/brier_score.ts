import { requirePredictions } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

/**
 * Mean squared distance of the probabilities to the one-hot label (Brier 1950):
 * (1/N) sum_i sum_c (p_ic - [y_i = c])^2.
 *
 * @param p Predictions of N >= 1 images.
 * @returns A number in [0, 2]: the sum over classes, not half of it.
 * @throws {RangeError} If the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * assertEquals(brierScore(predictionsFromLogits(new Float32Array(2), [0], 2)), 0.5);
 * ```
 */
export function brierScore(p: Predictions): number {
  requirePredictions(p);
  const { probabilities, labels, classes, length } = p;
  let total = 0;
  for (let i = 0; i < length; i++) {
    const label = labels[i]!;
    for (let c = 0; c < classes; c++) {
      const difference = probabilities[i * classes + c]! - (label === c ? 1 : 0);
      total += difference * difference;
    }
  }
  return total / length;
}
