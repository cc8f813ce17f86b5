import { requireInteger } from "../arguments/require.ts";
import { requirePredictions } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

/**
 * Takes the predictions on the first images, e.g. on those that were attacked too.
 *
 * @param p Predictions on N images.
 * @param n How many to keep, from 1 to N.
 * @returns Copies of the first n rows; features too where `p` has them.
 * @throws {RangeError} If n is out of range or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([2, 0, 0, 2, 1, 1]), [0, 1, 0], 2);
 * assertEquals([...firstPredictions(p, 2).logits], [2, 0, 0, 2]);
 * ```
 */
export function firstPredictions(p: Predictions, n: number): Predictions {
  requirePredictions(p);
  requireInteger("n", n, { min: 1, max: p.length });
  const rows = (values: Float32Array) => values.slice(0, n * values.length / p.length);
  return {
    logits: rows(p.logits),
    probabilities: rows(p.probabilities),
    labels: Array.from(p.labels).slice(0, n),
    classes: p.classes,
    length: n,
    ...(p.features === undefined ? {} : { features: rows(p.features) }),
  };
}
