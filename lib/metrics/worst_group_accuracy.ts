import { requireInteger, requireList } from "../arguments/require.ts";
import { requireCorrect } from "./_correct.ts";
import { wilsonInterval } from "./wilson_interval.ts";

/** The accuracy of one group of images, with its 95 % Wilson interval. */
export interface GroupAccuracy {
  /** The group's label. */
  readonly group: number;
  /** Images of the group, at least 1. */
  readonly n: number;
  /** Share of them predicted right. */
  readonly accuracy: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/** The worst group, and all groups. */
export interface WorstGroupAccuracy extends GroupAccuracy {
  /** All groups with an image, by rising label. */
  readonly groups: readonly GroupAccuracy[];
}

/**
 * Accuracy of the group of images that fares worst (Sagawa et al. 2020), clean or under attack.
 * Groups may be the classes, or anything else that a whole number says of an image: its source, its
 * brightness in steps, the class and the source together.
 *
 * The smallest of several noisy shares is biased downwards; look at the intervals before
 * two groups are called different.
 *
 * @param correct N times 1 (predicted right) or 0, e.g. a row of `attackSweep`.
 * @param groups N safe integers, the group of each image; they need not be consecutive.
 * @returns The group with the lowest accuracy (of equal ones the lowest label), and all groups.
 * @throws {TypeError|RangeError} If N differs or is 0, or a value is not 0 or 1 or not an integer.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const { group, accuracy, n } = worstGroupAccuracy([1, 1, 1, 0, 1], [0, 0, 0, 7, 7]);
 * assertEquals([group, accuracy, n], [7, 0.5, 2]);
 * ```
 */
export function worstGroupAccuracy(
  correct: ArrayLike<number>,
  groups: ArrayLike<number>,
): WorstGroupAccuracy {
  requireList("correct", correct);
  requireList("groups", groups);
  requireCorrect("correct", correct, groups.length);
  const counts = new Map<number, { n: number; right: number }>();
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    requireInteger(`groups[${i}]`, group);
    const { n, right } = counts.get(group) ?? { n: 0, right: 0 };
    counts.set(group, { n: n + 1, right: right + correct[i]! });
  }
  const all = [...counts].sort(([a], [b]) => a - b).map(([group, { n, right }]) => ({
    ...{ group, n, accuracy: right / n },
    ...wilsonInterval(right, n),
  }));
  const worst = all.reduce((low, one) => one.accuracy < low.accuracy ? one : low);
  return { ...worst, groups: all };
}
