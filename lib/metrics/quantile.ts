/** The q-quantile, q in [0, 1], of sorted values, by linear interpolation (numpy's default). */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

/** The central interval that holds a share `level` of `values`, which are sorted in place. */
export function centralInterval(values: Float64Array, level: number): Interval {
  values.sort();
  return {
    low: quantileOfSorted(values, (1 - level) / 2),
    high: quantileOfSorted(values, (1 + level) / 2),
  };
}

/** Two ends of an interval. */
export interface Interval {
  /** Lower end, in the unit of the metric. */
  readonly low: number;
  /** Upper end, in the unit of the metric; at least `low`. */
  readonly high: number;
}
