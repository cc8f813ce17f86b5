import { outcomes } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

/**
 * Counts images by label and predicted class.
 *
 * @param p Predictions of N >= 1 images in K classes.
 * @returns K x K counts: row = true class, column = predicted class; they sum to N.
 * @throws {RangeError} If the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([2, 1, 0, 3, 0, 1]), [0, 0, 1], 2);
 * assertEquals(confusionMatrix(p), [[1, 1], [0, 1]]);
 * ```
 */
export function confusionMatrix(p: Predictions): number[][] {
  const { predicted } = outcomes(p);
  const counts = Array.from({ length: p.classes }, () => new Array<number>(p.classes).fill(0));
  const { labels } = p;
  for (let i = 0; i < p.length; i++) counts[labels[i]!]![predicted[i]!]! += 1;
  return counts;
}
