import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import { requireInteger, requireList, requireOneOf } from "../../arguments/require.ts";
import { distinctLabels, type FeatureMetric, featureWidth } from "./features.ts";
import { nearestNeighbours } from "./nearest_neighbours.ts";

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
  const { indices } = nearestNeighbours(features, width, { k, metric });
  let agreeing = 0;
  for (const [slot, other] of indices.entries()) {
    if (labels[other] === labels[Math.floor(slot / k)]) agreeing++;
  }
  return agreeing / (n * k);
}
