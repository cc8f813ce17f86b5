import { distinctLabels, dot, featureWidth, unitRows } from "./features.ts";
import { requireList } from "../../arguments/require.ts";

/** Angles of labelled features, in degrees. */
export interface ClassAngles {
  /** The classes that occur, rising; the order of the arrays below. */
  readonly labels: number[];
  /** Mean angle of an image's features to its own class's centroid, over all images. */
  readonly within: number;
  /** Mean angle of an image's features to the other classes' centroids; NaN for one class. */
  readonly between: number;
  /** The same two means over each class's images. */
  readonly perClass: { readonly within: number; readonly between: number }[];
  /** Angles between the classes' centroids; 0 on the diagonal. */
  readonly centroids: number[][];
}

const degrees = (cosine: number) => Math.acos(Math.max(-1, Math.min(1, cosine))) * 180 / Math.PI;

/** Mean directions of the classes, C x D, scaled to length 1. */
function centroidDirections(
  unit: Float64Array,
  width: number,
  labels: ArrayLike<number>,
  distinct: number[],
) {
  const position = new Map(distinct.map((label, c) => [label, c]));
  const sums = new Float64Array(distinct.length * width);
  const cluster = Int32Array.from(labels, (label) => position.get(label)!);
  for (const [i, c] of cluster.entries()) {
    for (let d = 0; d < width; d++) sums[c * width + d]! += unit[i * width + d]!;
  }
  return { cluster, centroids: unitRows(sums, width) };
}

const mean = (values: readonly number[]) =>
  values.reduce((total, value) => total + value, 0) / values.length;

/**
 * How tight classes are and how far apart, as angles: what a cosine-margin loss such as Circle Loss
 * acts on. A class's centroid is the mean of its features scaled to length 1.
 *
 * @param features N x D, row-major, no row of zeros (it has no direction).
 * @param labels N whole numbers >= 0.
 * @returns Mean angles in degrees, in [0, 180].
 * @throws {RangeError} If the sizes do not fit, a value is not finite, or a row is all zeros.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * const { within, between } = classAngles([1, 0, 1, 0, 0, 2], [0, 0, 1]);
 * assertAlmostEquals(within, 0, 1e-6);
 * assertAlmostEquals(between, 90, 1e-6);
 * ```
 */
export function classAngles(
  features: ArrayLike<number>,
  labels: ArrayLike<number>,
): ClassAngles {
  requireList("features", features);
  requireList("labels", labels);
  const n = labels.length;
  const width = featureWidth("features", features, n);
  const distinct = distinctLabels(labels);
  const unit = unitRows(features, width);
  for (let i = 0; i < n; i++) {
    if (dot(unit, i * width, unit, i * width, width) === 0) {
      throw new RangeError(
        `Expected every row of features to have a direction but row ${i} is all zeros`,
      );
    }
  }
  const { cluster, centroids } = centroidDirections(unit, width, labels, distinct);
  const within: number[][] = distinct.map(() => []);
  const between: number[][] = distinct.map(() => []);
  for (const [i, own] of cluster.entries()) {
    for (let c = 0; c < distinct.length; c++) {
      const angle = degrees(dot(unit, i * width, centroids, c * width, width));
      (c === own ? within : between)[own]!.push(angle);
    }
  }
  return {
    labels: distinct,
    within: mean(within.flat()),
    between: mean(between.flat()),
    perClass: distinct.map((_, c) => ({ within: mean(within[c]!), between: mean(between[c]!) })),
    centroids: distinct.map((_, a) =>
      distinct.map((_, b) =>
        a === b ? 0 : degrees(dot(centroids, a * width, centroids, b * width, width))
      )
    ),
  };
}
