import { embedFeatures } from "../../../plots/embed_features.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import type { FeaturePoints } from "../../records/predictions_file.ts";
import { featuresOf, firstRows } from "./representation.ts";

/**
 * Maps the features of one or two domains to two dimensions, in one fit.
 *
 * @param domains Predictions with features, e.g. on source and target, or on clean and attacked images.
 * @param limit At most this number of images of each domain.
 * @param seed Of the map.
 */
export function featurePoints(
  domains: readonly Predictions[],
  limit: number,
  seed: number,
): FeaturePoints {
  const parts = domains.map((p) => ({
    n: Math.min(p.length, limit),
    features: firstRows(featuresOf(p), p.length, limit),
    labels: p.labels,
  }));
  const n = parts.reduce((sum, part) => sum + part.n, 0);
  const width = parts[0]!.features.length / parts[0]!.n;
  const features = new Float32Array(n * width);
  let offset = 0;
  for (const part of parts) {
    features.set(part.features, offset);
    offset += part.features.length;
  }
  const { coordinates, method, basis } = embedFeatures(features, n, width, { seed });
  return {
    coordinates,
    method,
    labels: Uint8Array.from(
      parts.flatMap((part) => Array.from({ length: part.n }, (_, i) => part.labels[i]!)),
    ),
    domains: Uint8Array.from(parts.flatMap((part, k) => Array.from({ length: part.n }, () => k))),
    // A new image is placed on the map of one evaluation, not on one of two domains.
    ...(basis === undefined || domains.length > 1 ? {} : { basis }),
  };
}
