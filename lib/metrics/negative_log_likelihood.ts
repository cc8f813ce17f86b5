import { requirePredictions } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

/** -log softmax(logits)[label] of row i, by log-sum-exp around the largest logit. */
function rowLoss({ logits, labels, classes }: Predictions, i: number): number {
  const start = i * classes;
  let largest = -Infinity;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[start + c]!);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[start + c]! - largest);
  return Math.log(sum) + (largest - logits[start + labels[i]!]!);
}

/**
 * Mean negative log-likelihood of the labels, in nats: (1/N) sum_i (log sum_c exp z_ic - z_iy).
 * Computed from the logits, so a label whose float32 probability is 0 still costs a finite amount.
 *
 * @param p Predictions of N >= 1 images.
 * @returns A finite number >= 0.
 * @throws {RangeError} If the predictions' parts do not fit each other or a logit is NaN.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([1000, 0]), [1], 2);
 * assertAlmostEquals(negativeLogLikelihood(p), 1000, 1e-9);
 * ```
 */
export function negativeLogLikelihood(p: Predictions): number {
  requirePredictions(p);
  let total = 0;
  for (let i = 0; i < p.length; i++) total += rowLoss(p, i);
  if (!Number.isFinite(total)) {
    throw new RangeError(
      `Expected predictions.logits to give a finite loss but found ${total}; check them for NaN`,
    );
  }
  return total / p.length;
}
