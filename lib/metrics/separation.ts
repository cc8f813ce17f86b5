import { requireInteger, requireList } from "../arguments/require.ts";

/** How well a score tells positives from negatives. */
export interface Separation {
  /** Area under the ROC curve, in [0, 1]: the chance that a positive scores higher than a negative. */
  readonly auroc: number;
  /** Average precision, in (0, 1]; a score that tells nothing gives the share of positives. */
  readonly aupr: number;
  /** Share of negatives accepted where at least 95 % of the positives are, in [0, 1]; 0 is best. */
  readonly fpr95: number;
}

/** Counts of positives and negatives with a score at least as high as a threshold. */
interface OperatingPoint {
  readonly positives: number;
  readonly negatives: number;
}

/** Slack for rounding where a rate is compared with the one asked. */
const SLACK = 1e-12;

function requireScores(name: string, scores: ArrayLike<number>): void {
  requireList(name, scores);
  requireInteger(`${name}.length`, scores.length, { min: 1 });
  for (let i = 0; i < scores.length; i++) {
    if (typeof scores[i] !== "number" || Number.isNaN(scores[i])) {
      throw new RangeError(`Expected ${name}[${i}] to be a number but found ${scores[i]}`);
    }
  }
}

/** One operating point per distinct score, the strictest threshold first. */
export function operatingPoints(
  positive: ArrayLike<number>,
  negative: ArrayLike<number>,
): OperatingPoint[] {
  const [up, down] = [positive, negative].map((scores) => Float64Array.from(scores).sort());
  const points: OperatingPoint[] = [];
  let [i, j] = [up!.length, down!.length];
  while (i > 0 || j > 0) {
    const threshold = Math.max(up![i - 1] ?? -Infinity, down![j - 1] ?? -Infinity);
    while (i > 0 && up![i - 1]! >= threshold) i--;
    while (j > 0 && down![j - 1]! >= threshold) j--;
    points.push({ positives: up!.length - i, negatives: down!.length - j });
  }
  return points;
}

/** Area under the ROC curve: equal scores of a positive and a negative count half. */
export function rocArea(points: readonly OperatingPoint[]): number {
  const { positives, negatives } = points.at(-1)!;
  let [area, reached, passed] = [0, 0, 0];
  for (const point of points) {
    area += (point.negatives - passed) * (reached + point.positives) / 2;
    [reached, passed] = [point.positives, point.negatives];
  }
  return area / (positives * negatives);
}

/** The largest share of positives accepted with at most a share `limit` of the negatives. */
export function truePositiveRateAt(points: readonly OperatingPoint[], limit: number): number {
  const { positives, negatives } = points.at(-1)!;
  const within = points.filter((point) => point.negatives / negatives <= limit + SLACK);
  return (within.at(-1)?.positives ?? 0) / positives;
}

/**
 * Measures how well a score separates two sets: images from inside and outside a domain, say, or
 * right and wrong predictions.
 *
 * auroc counts equal scores half. aupr is the average precision sum_k (R_k - R_(k-1)) P_k over the
 * operating points, one per distinct score, without interpolation (Davis and Goadrich 2006). fpr95 is
 * taken at the first operating point with a true positive rate of at least 0.95.
 *
 * @param positive Scores of the positives, at least one; higher means more positive. Infinite scores
 * are allowed.
 * @param negative Scores of the negatives, at least one.
 * @throws {TypeError|RangeError} If a list is empty or holds a NaN.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * // 3 > 2 and 3 > 0, 1 < 2, 1 > 0: three of four pairs.
 * assertEquals(separation([3, 1], [2, 0]), { auroc: 0.75, aupr: 0.5 + 0.5 * 2 / 3, fpr95: 0.5 });
 * ```
 */
export function separation(
  positive: ArrayLike<number>,
  negative: ArrayLike<number>,
): Separation {
  requireScores("positive", positive);
  requireScores("negative", negative);
  const points = operatingPoints(positive, negative);
  let [aupr, reached] = [0, 0];
  for (const { positives, negatives } of points) {
    aupr += (positives - reached) / positive.length * (positives / (positives + negatives));
    reached = positives;
  }
  const point = points.find(({ positives }) => positives / positive.length >= 0.95 - SLACK)!;
  return { auroc: rocArea(points), aupr, fpr95: point.negatives / negative.length };
}
