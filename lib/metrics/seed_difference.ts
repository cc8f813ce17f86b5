import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireList, requireNumber } from "../arguments/require.ts";
import { twoSidedStudentQuantile, twoSidedStudentTail } from "./_distributions.ts";
import { type SeedSummary, seedSummary } from "./seed_summary.ts";

/** A metric of one run less that of another, over the training seeds that both have. */
export interface SeedDifference extends SeedSummary {
  /** Lower end of the t interval of the mean difference. */
  readonly low: number;
  /** Upper end of the t interval of the mean difference. */
  readonly high: number;
  /** Two-sided p-value of the paired t test; 1 where both sides agree at every seed. */
  readonly pValue: number;
}

/** Options of {@linkcode seedDifference}. */
export interface SeedDifferenceOptions {
  /** Coverage of the interval, in (0, 1). Default 0.95. */
  readonly level?: number;
}

const optionNames: OptionNames<SeedDifferenceOptions> = { level: true };

/**
 * By how many standard errors Student's t interval of a mean over n seeds reaches to each side: 12.7
 * for two seeds, 4.3 for three, 2.8 for five, 2.3 for ten; 1.96 in the limit.
 *
 * @param n Number of seeds, at least 2.
 * @param level Coverage, in (0, 1). Default 0.95.
 * @throws {RangeError} If an argument is out of range.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * assertAlmostEquals(studentFactor(3), 4.302653, 1e-6);
 * ```
 */
export function studentFactor(n: number, level = 0.95): number {
  requireInteger("n", n, { min: 2 });
  requireNumber("level", level, { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true });
  return twoSidedStudentQuantile(n - 1, level);
}

/**
 * Compares two runs over training seeds. With d_i the first run's value less the second's at seed i,
 * the interval is Student's paired one, mean(d) ± t(n - 1) sd(d) / √n (Student 1908): what the two
 * runs share at a seed, such as the split into training and validation, drops out. It takes the d_i
 * as draws from a normal distribution and speaks of other seeds on the same test images, not of
 * other images. With few seeds it is wide: see {@linkcode studentFactor}. Only where all d_i are equal,
 * as may happen with counts of few images, has it no width.
 *
 * @param first One finite value per seed, at least two.
 * @param second The other run's values at the same seeds, in the same order.
 * @returns Mean, sample standard deviation and number of the differences, and the interval.
 * @throws {RangeError} If the lengths differ, there are fewer than two seeds, a value is not finite
 * or level is out of range.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * const { mean, sd, n, low, high } = seedDifference([0.84, 0.86, 0.85], [0.83, 0.83, 0.83]);
 * assertAlmostEquals(mean, 0.02, 1e-12); // of 0.01, 0.03, 0.02
 * assertAlmostEquals(sd, 0.01, 1e-12);
 * assertAlmostEquals(low, 0.02 - 4.302653 * 0.01 / Math.sqrt(n), 1e-8);
 * assertAlmostEquals(high, 0.02 + 4.302653 * 0.01 / Math.sqrt(n), 1e-8);
 * ```
 */
export function seedDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options: SeedDifferenceOptions = {},
): SeedDifference {
  requireKnownOptions("seedDifference", options, optionNames);
  const { level = 0.95 } = options;
  requireList("first", first);
  requireList("second", second);
  if (first.length !== second.length) {
    throw new RangeError(
      `Expected first and second to hold the same seeds but found ${first.length} and ` +
        `${second.length} values`,
    );
  }
  requireInteger("first.length", first.length, { min: 2 });
  const gaps = Array.from(first, (value, i) => {
    requireNumber(`first[${i}]`, value);
    requireNumber(`second[${i}]`, second[i]!);
    return value - second[i]!;
  });
  const { mean, sd, n } = seedSummary(gaps);
  const deviation = sd / Math.sqrt(n);
  const half = studentFactor(n, level) * deviation;
  const pValue = mean === 0
    ? 1
    : deviation === 0
    ? 0
    : twoSidedStudentTail(n - 1, mean / deviation);
  return { mean, sd, n, low: mean - half, high: mean + half, pValue };
}
