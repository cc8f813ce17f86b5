import { type FeatureMetric, forEachPair } from "./features.ts";

/** The k nearest others of every row, kept sorted by (distance, index). */
class NearestLists {
  readonly distances: Float64Array;
  readonly indices: Int32Array;

  constructor(n: number, readonly k: number) {
    this.distances = new Float64Array(n * k).fill(Infinity);
    this.indices = new Int32Array(n * k).fill(-1);
  }

  /** Offers `candidate` to row `i`; candidates come in rising order, so ties keep the lower index. */
  offer(i: number, candidate: number, distance: number): void {
    const { distances, indices, k } = this;
    const first = i * k;
    let slot = first + k - 1;
    if (!(distance < distances[slot]!)) return;
    while (slot > first && distance < distances[slot - 1]!) {
      distances[slot] = distances[slot - 1]!;
      indices[slot] = indices[slot - 1]!;
      slot--;
    }
    distances[slot] = distance;
    indices[slot] = candidate;
  }
}

/** Each row's nearest other rows. */
export interface Neighbours {
  /** n x k row numbers, row-major, the nearest first. */
  readonly indices: Int32Array;
  /** n x k distances to them, rising along a row. */
  readonly distances: Float64Array;
}

/**
 * Finds each row's k nearest other rows, exactly. Of equally near rows the one with the lower index
 * counts as nearer. Takes time N^2 D / 2.
 *
 * @param features N x `width`, row-major, finite.
 * @param width Numbers in a row, at least 1.
 * @param options.k Neighbours of a row, in [1, N - 1].
 */
export function nearestNeighbours(
  features: ArrayLike<number>,
  width: number,
  { k, metric }: { readonly k: number; readonly metric: FeatureMetric },
): Neighbours {
  const nearest = new NearestLists(features.length / width, k);
  // Row by row with i < j: row j meets 0 .. j-1 before row j's own turn offers it j+1 .. n-1.
  forEachPair(features, width, metric, (i, j, distance) => {
    nearest.offer(i, j, distance);
    nearest.offer(j, i, distance);
  });
  return nearest;
}
