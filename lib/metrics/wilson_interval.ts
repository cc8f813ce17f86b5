import { requireInteger, requireNumber } from "../arguments/require.ts";
import type { Interval } from "./quantile.ts";

/** erf(x) for x >= 0 by a series of positive terms (Abramowitz and Stegun 1964, 7.1.6). */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** The z with P(|Z| <= z) = level for a standard normal Z, by Newton's method. */
function twoSidedNormalQuantile(level: number): number {
  // erf(z / sqrt 2) is concave for z > 0, so steps that start left of the root never overshoot it.
  let z = 0;
  for (let iteration = 0; iteration < 100; iteration++) {
    const slope = Math.sqrt(2 / Math.PI) * Math.exp(-z * z / 2);
    const step = (level - erf(z / Math.SQRT2)) / slope;
    z += step;
    if (Math.abs(step) < 1e-14) break;
  }
  return z;
}

/**
 * Wilson's score interval of a proportion (Wilson 1927): right also for few images and for shares
 * near 0 or 1, where the plain normal interval collapses.
 *
 * @param correct Number of successes, a whole number in [0, n].
 * @param n Number of trials, at least 1.
 * @param level Coverage, in (0, 0.999999]. Default 0.95.
 * @returns The ends, in [0, 1].
 * @throws {RangeError} If an argument is out of range.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * const { low, high } = wilsonInterval(8, 10);
 * assertAlmostEquals(low, 0.490162, 1e-6);
 * assertAlmostEquals(high, 0.943318, 1e-6);
 * ```
 */
export function wilsonInterval(correct: number, n: number, level = 0.95): Interval {
  requireInteger("n", n, { min: 1 });
  requireInteger("correct", correct, { min: 0, max: n });
  requireNumber("level", level, { min: 0, max: 0.999999, exclusiveMin: true });
  const z2 = twoSidedNormalQuantile(level) ** 2;
  const share = correct / n;
  const centre = share + z2 / (2 * n);
  const half = Math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n)));
  const scale = 1 + z2 / n;
  // At the ends centre and half are equal up to rounding.
  const low = correct === 0 ? 0 : (centre - half) / scale;
  const high = correct === n ? 1 : (centre + half) / scale;
  return { low, high };
}
