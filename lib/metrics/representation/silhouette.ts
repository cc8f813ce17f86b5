import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import { requireList, requireOneOf } from "../../arguments/require.ts";
import { distinctLabels, type FeatureMetric, featureWidth, forEachPair } from "./features.ts";

/** Sum of distances from each row to each cluster, N x C. */
function distancesToClusters(
  features: ArrayLike<number>,
  width: number,
  metric: FeatureMetric,
  cluster: Int32Array,
  clusters: number,
): Float64Array {
  const sums = new Float64Array(cluster.length * clusters);
  forEachPair(features, width, metric, (i, j, distance) => {
    sums[i * clusters + cluster[j]!]! += distance;
    sums[j * clusters + cluster[i]!]! += distance;
  });
  return sums;
}

const optionNames: OptionNames<Parameters<typeof silhouette>[2]> = { metric: true };

/**
 * Mean silhouette of labelled features (Rousseeuw 1987): per image (b - a) / max(a, b), with a the
 * mean distance to the other images of its class and b the least mean distance to another class. An
 * image that is alone in its class counts 0.
 *
 * @param features N x D, row-major.
 * @param labels N whole numbers >= 0, with at least 2 and at most N - 1 distinct values.
 * @param options.metric `"cosine"` (default; what Circle Loss shapes) or `"euclidean"`.
 * @returns A number in [-1, 1]; near 1 where classes are tight and far apart.
 * @throws {RangeError} If the sizes do not fit, the number of classes is out of bounds, or a value is
 * not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const features = new Float32Array([1, 0, 1, 0, 0, 1, 0, 1]);
 * assertEquals(silhouette(features, [0, 0, 1, 1]), 1);
 * ```
 */
export function silhouette(
  features: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: { readonly metric?: FeatureMetric } = {},
): number {
  requireList("features", features);
  requireList("labels", labels);
  requireKnownOptions("silhouette", options, optionNames);
  const { metric = "cosine" } = options;
  requireOneOf("metric", metric, ["cosine", "euclidean"]);
  const n = labels.length;
  const width = featureWidth("features", features, n);
  const distinct = distinctLabels(labels);
  const clusters = distinct.length;
  if (clusters < 2 || clusters >= n) {
    throw new RangeError(
      `Expected labels to have between 2 and ${n - 1} distinct values but found ${clusters}`,
    );
  }
  const position = new Map(distinct.map((label, c) => [label, c]));
  const cluster = Int32Array.from(labels, (label) => position.get(label)!);
  const sizes = new Float64Array(clusters);
  for (const c of cluster) sizes[c]! += 1;
  const sums = distancesToClusters(features, width, metric, cluster, clusters);
  let total = 0;
  for (let i = 0; i < n; i++) {
    const own = cluster[i]!;
    if (sizes[own] === 1) continue;
    const within = sums[i * clusters + own]! / (sizes[own]! - 1);
    let nearest = Infinity;
    for (let c = 0; c < clusters; c++) {
      if (c !== own) nearest = Math.min(nearest, sums[i * clusters + c]! / sizes[c]!);
    }
    const larger = Math.max(within, nearest);
    if (larger > 0) total += (nearest - within) / larger;
  }
  return total / n;
}
