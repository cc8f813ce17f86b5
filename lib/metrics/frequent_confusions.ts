import { wilsonInterval } from "./wilson_interval.ts";

/** One class taken for another. */
export interface FrequentConfusion {
  /** The true class. */
  readonly truth: number;
  /** What it was taken for. */
  readonly predicted: number;
  /** Images. */
  readonly count: number;
  /** Images of the true class. */
  readonly of: number;
}

/**
 * Lists which classes are taken for which others, the most frequent confusion first; equally frequent
 * ones in the order of the classes.
 *
 * @param matrix K x K counts, row = truth, as `confusionMatrix` gives.
 * @returns Pairs of different classes that occur at least once.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(frequentConfusions([[8, 2], [0, 5]]), [{ truth: 0, predicted: 1, count: 2, of: 10 }]);
 * ```
 */
export function frequentConfusions(
  matrix: readonly (readonly number[])[],
): FrequentConfusion[] {
  const found: FrequentConfusion[] = [];
  matrix.forEach((row, truth) => {
    const of = row.reduce((sum, count) => sum + count, 0);
    row.forEach((count, predicted) => {
      if (count > 0 && predicted !== truth) found.push({ truth, predicted, count, of });
    });
  });
  return found.sort((a, b) => b.count - a.count);
}

/** The share of a class that a confusion takes, with its 95 % interval. */
export function confusionShare({ count, of }: FrequentConfusion): {
  readonly value: number;
  readonly low: number;
  readonly high: number;
} {
  return { value: count / of, ...wilsonInterval(count, of) };
}
