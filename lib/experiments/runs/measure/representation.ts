import { classAngles } from "../../../metrics/representation/class_angles.ts";
import { knnConsistency } from "../../../metrics/representation/knn_consistency.ts";
import { silhouette } from "../../../metrics/representation/silhouette.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import type { Representation } from "../../records/schema.ts";

/** Neighbours asked for by the k-NN consistency. */
const NEIGHBOURS = 10;

/** Features of predictions that were collected with them. */
export function featuresOf(p: Predictions): Float32Array {
  if (p.features === undefined) {
    throw new TypeError("Expected predictions with features but found none; collect them first");
  }
  return p.features;
}

/** The first `limit` rows of row-major values with n rows. */
export function firstRows(values: Float32Array, n: number, limit: number): Float32Array {
  return values.subarray(0, (values.length / n) * Math.min(n, limit));
}

/** Whether a row has no direction: a network whose ReLUs all died for an image. */
function hasZeroRow(features: Float32Array, n: number): boolean {
  const width = features.length / n;
  for (let i = 0; i < n; i++) {
    if (features.subarray(i * width, (i + 1) * width).every((value) => value === 0)) return true;
  }
  return false;
}

/**
 * Geometry of the first images' features. A value that is not defined for them, e.g. an angle for
 * features without a direction or a silhouette with one class only, is null.
 *
 * @param p Predictions with features.
 * @param limit At most this number of images, since the cost grows with their square.
 */
export function representationOf(p: Predictions, limit: number): Representation {
  const n = Math.min(p.length, limit);
  const features = firstRows(featuresOf(p), p.length, n);
  const labels = Array.from({ length: n }, (_, i) => p.labels[i]!);
  const classes = new Set(labels).size;
  const directed = !hasZeroRow(features, n);
  const angles = directed && classes > 1 ? classAngles(features, labels) : undefined;
  return {
    n,
    silhouette: classes > 1 && classes < n ? silhouette(features, labels) : null,
    knnConsistency: n > NEIGHBOURS ? knnConsistency(features, labels, { k: NEIGHBOURS }) : null,
    withinAngle: angles?.within ?? null,
    betweenAngle: angles?.between ?? null,
  };
}
