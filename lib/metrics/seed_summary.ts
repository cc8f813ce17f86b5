import { requireInteger, requireList, requireNumber } from "../arguments/require.ts";

/** A metric over training seeds. */
export interface SeedSummary {
  /** Mean over the seeds, in the unit of the values. */
  readonly mean: number;
  /** Sample standard deviation (n - 1 in the denominator); NaN for a single seed. */
  readonly sd: number;
  /** Number of seeds. */
  readonly n: number;
}

/**
 * Mean and spread of one metric over runs that differ in their seed only.
 *
 * @param values One finite value per seed, at least one.
 * @returns Mean, sample standard deviation and number of seeds.
 * @throws {RangeError} If values is empty or holds a number that is not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(seedSummary([1, 3]), { mean: 2, sd: Math.SQRT2, n: 2 });
 * ```
 */
export function seedSummary(values: ArrayLike<number>): SeedSummary {
  requireList("values", values);
  const n = values.length;
  requireInteger("values.length", n, { min: 1 });
  let mean = 0;
  for (let i = 0; i < n; i++) {
    requireNumber(`values[${i}]`, values[i]!);
    mean += values[i]! / n;
  }
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
  return { mean, sd: n === 1 ? NaN : Math.sqrt(squares / (n - 1)), n };
}
