import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import { requireInteger, requireList, requireOneOf } from "../../arguments/require.ts";
import { distinctLabels, type FeatureMetric, featureWidth, forEachPair } from "./features.ts";

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

const optionNames: OptionNames<Parameters<typeof knnConsistency>[2]> = { k: true, metric: true };

/**
 * Leave-one-out nearest-neighbour label agreement: the mean, over images, of the share of an image's
 * k nearest other images that carry its label. Of equally near images the one with the lower index
 * counts as nearer. Takes time N^2 D / 2.
 *
 * @param features N x D, row-major.
 * @param labels N whole numbers >= 0.
 * @param options.k Neighbours per image, in [1, N - 1]. Default 10.
 * @param options.metric `"cosine"` (default) or `"euclidean"`.
 * @returns A fraction in [0, 1]; about the classes' share for features without structure.
 * @throws {RangeError} If the sizes do not fit, k is out of bounds, or a value is not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const features = new Float32Array([0, 1, 5, 6]);
 * assertEquals(knnConsistency(features, [0, 0, 1, 0], { k: 1, metric: "euclidean" }), 0.5);
 * ```
 */
export function knnConsistency(
  features: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: { readonly k?: number; readonly metric?: FeatureMetric } = {},
): number {
  requireList("features", features);
  requireList("labels", labels);
  requireKnownOptions("knnConsistency", options, optionNames);
  const { k = 10, metric = "cosine" } = options;
  requireOneOf("metric", metric, ["cosine", "euclidean"]);
  const n = labels.length;
  const width = featureWidth("features", features, n);
  distinctLabels(labels);
  requireInteger("k", k, { min: 1, max: n - 1 });
  const nearest = new NearestLists(n, k);
  // Row by row with i < j: row j meets 0 .. j-1 before row j's own turn offers it j+1 .. n-1.
  forEachPair(features, width, metric, (i, j, distance) => {
    nearest.offer(i, j, distance);
    nearest.offer(j, i, distance);
  });
  let agreeing = 0;
  for (const [slot, other] of nearest.indices.entries()) {
    if (labels[other] === labels[Math.floor(slot / k)]) agreeing++;
  }
  return agreeing / (n * k);
}
