import { requireList, requireNumber } from "../arguments/require.ts";

/**
 * Adjusts p-values of several tests that are read together (Holm 1979): the smallest is multiplied by
 * their number m, the next by m - 1, and so on, never falling and at most 1. If each adjusted value at
 * or below 0.05 is taken for a finding, the chance of one or more false findings is at most 5 %.
 *
 * @param pValues p-values in [0, 1], of independent tests or not.
 * @returns As many adjusted values, in the same order.
 * @throws {TypeError} If it is no list of numbers.
 * @throws {RangeError} If a value is outside [0, 1].
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * const adjusted = holmAdjusted([0.01, 0.04, 0.03]);
 * [0.03, 0.06, 0.06].forEach((p, k) => assertAlmostEquals(adjusted[k]!, p));
 * ```
 */
export function holmAdjusted(pValues: ArrayLike<number>): number[] {
  requireList("pValues", pValues);
  const values = Array.from(pValues);
  values.forEach((p, k) => requireNumber(`pValues[${k}]`, p, { min: 0, max: 1 }));
  const adjusted = new Array<number>(values.length);
  let least = 0;
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  for (const [rank, k] of order.entries()) {
    least = Math.min(1, Math.max(least, values[k]! * (values.length - rank)));
    adjusted[k] = least;
  }
  return adjusted;
}
