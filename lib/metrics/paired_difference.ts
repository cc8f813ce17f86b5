import { requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireList, requireNumber } from "../arguments/require.ts";
import { generator } from "../random/generator.ts";
import { requireCorrect } from "./_correct.ts";
import { centralInterval } from "./quantile.ts";
import { bootstrapOptionNames, type BootstrapOptions } from "./bootstrap_interval.ts";

/** Two models compared on the same images. */
export interface PairedDifference {
  /** Images compared. */
  readonly n: number;
  /** Accuracy of the first less that of the second, in [-1, 1]. */
  readonly difference: number;
  /** Lower end of the bootstrap interval of the difference. */
  readonly low: number;
  /** Upper end of the bootstrap interval of the difference. */
  readonly high: number;
  /** Images that only the first model has right. */
  readonly firstOnly: number;
  /** Images that only the second model has right. */
  readonly secondOnly: number;
  /** Two-sided exact McNemar p-value, in (0, 1]; 1 where the models never disagree. */
  readonly pValue: number;
}

/** min(1, 2 P(X <= smaller)) with X binomial (trials, 1/2). */
function exactMcNemar(firstOnly: number, secondOnly: number): number {
  const trials = firstOnly + secondOnly;
  let logTerm = -trials * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(firstOnly, secondOnly); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((trials - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}

/**
 * Compares two models' accuracy image by image. The pairing removes what both models share, how hard
 * an image is, so the interval is narrower than the two separate intervals suggest. Images are drawn
 * with replacement (percentile bootstrap); the p-value is McNemar's (1947), in its exact form.
 *
 * @param first N times 1 (predicted right) or 0.
 * @param second The other model's results on the same images, in the same order.
 * @returns The difference, its interval and the disagreement counts.
 * @throws {RangeError} If N differs, a value is not 0 or 1, or an option is out of range.
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@trusted-ai-lab/lab/assert";
 * const { difference, pValue } = pairedDifference([1, 1, 1, 1, 0], [1, 0, 0, 0, 0]);
 * assertEquals(difference, 0.6);
 * assertAlmostEquals(pValue, 0.25, 1e-12); // three disagreements on one side: 2 / 2^3
 * ```
 */
export function pairedDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options: BootstrapOptions = {},
): PairedDifference {
  requireKnownOptions("pairedDifference", options, bootstrapOptionNames);
  requireList("first", first);
  requireList("second", second);
  const { samples = 1000, level = 0.95, seed = 0 } = options;
  requireInteger("samples", samples, { min: 1 });
  requireNumber("level", level, { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true });
  requireCorrect("first", first);
  requireCorrect("second", second, first.length);
  const n = first.length;
  const gaps = Int8Array.from(first, (value, i) => value - second[i]!);
  const firstOnly = gaps.filter((gap) => gap === 1).length;
  const secondOnly = gaps.filter((gap) => gap === -1).length;
  const { integer } = generator(seed);
  const draws = new Float64Array(samples);
  for (let s = 0; s < samples; s++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += gaps[integer(n)]!;
    draws[s] = sum / n;
  }
  return {
    n,
    difference: (firstOnly - secondOnly) / n,
    ...centralInterval(draws, level),
    firstOnly,
    secondOnly,
    pValue: exactMcNemar(firstOnly, secondOnly),
  };
}
