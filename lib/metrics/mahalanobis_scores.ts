import { throwIfInterrupted } from "../terminal/interrupt.ts";
import { choleskyInPlace, solveLowerInPlace } from "./_cholesky.ts";
import { requirePredictions } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";
import { featureWidth } from "./representation/features.ts";

/** Share of the mean variance that is added to each variance, so that the covariance has an inverse. */
const RIDGE = 1e-6;

/** N x D features, row-major. */
interface FeatureRows {
  readonly values: Float32Array;
  readonly width: number;
  readonly count: number;
}

function featureRows(name: string, p: Predictions): FeatureRows {
  requirePredictions(p);
  const { features: values, length: count } = p;
  if (values === undefined) {
    throw new TypeError(
      `Expected ${name}.features to be a list but found undefined; collect the predictions with ` +
        `{ features: true }`,
    );
  }
  return { values, width: featureWidth(`${name}.features`, values, count), count };
}

/** The mean row of each class that has an image. */
function classMeans(
  rows: FeatureRows,
  { labels, classes }: Predictions,
): Map<number, Float64Array> {
  const counts = new Float64Array(classes);
  const means = new Map<number, Float64Array>();
  for (let i = 0; i < rows.count; i++) {
    const label = labels[i]!;
    counts[label]! += 1;
    const sum = means.get(label) ?? new Float64Array(rows.width);
    for (let d = 0; d < rows.width; d++) sum[d]! += rows.values[i * rows.width + d]!;
    means.set(label, sum);
  }
  for (const [label, sum] of means) sum.forEach((value, d) => sum[d] = value / counts[label]!);
  return means;
}

/** Lower triangle of (1/N) sum (x - mean)(x - mean)ᵀ, the mean that of the row's class. */
function sharedCovariance(
  rows: FeatureRows,
  labels: ArrayLike<number>,
  means: ReadonlyMap<number, Float64Array>,
): Float64Array {
  const { width, count } = rows;
  const matrix = new Float64Array(width * width);
  const centred = new Float64Array(width);
  for (let i = 0; i < count; i++) {
    throwIfInterrupted();
    const mean = means.get(labels[i]!)!;
    for (let d = 0; d < width; d++) centred[d] = rows.values[i * width + d]! - mean[d]!;
    for (let d = 0; d < width; d++) {
      const scale = centred[d]! / count;
      if (scale === 0) continue; // features after a ReLU are often 0
      for (let e = 0; e <= d; e++) matrix[d * width + e]! += scale * centred[e]!;
    }
  }
  return matrix;
}

/**
 * How far an image's features lie from the nearest class of the training set (Lee et al. 2018):
 * -min_c (x - m_c)ᵀ S⁻¹ (x - m_c), with the classes' means m_c and the covariance S around them,
 * shared by all classes, (1/N) sum (x_i - m_(y_i))(x_i - m_(y_i))ᵀ + 1e-6 (trace / D) I.
 *
 * {@linkcode separation} says how well the scores of two sets differ.
 *
 * @param train Predictions with features (N x D) on training images; classes without an image do not
 * count.
 * @param p Predictions with features (M x D) of the same network; labels are not read.
 * @returns M scores, at most 0; higher means more inside.
 * @throws {TypeError} If features were not collected.
 * @throws {RangeError} If the widths differ, a feature is not finite, all training features equal
 * their class's mean, or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const two = predictionsFromLogits(new Float32Array(4), [0, 0], 2);
 * // One class with mean 0 and variance 1; the value 3 is three standard deviations away.
 * const train = { ...two, features: new Float32Array([-1, 1]) };
 * const scores = mahalanobisScores(train, { ...two, features: new Float32Array([0, 3]) });
 * assertAlmostEquals(scores[0]!, 0);
 * assertAlmostEquals(scores[1]!, -9, 1e-4);
 * ```
 */
export function mahalanobisScores(train: Predictions, p: Predictions): Float64Array {
  const fitted = featureRows("train", train);
  const asked = featureRows("p", p);
  const { width } = fitted;
  if (asked.width !== width) {
    throw new RangeError(
      `Expected p.features to have the ${width} columns of train.features but found ${asked.width}`,
    );
  }
  const means = classMeans(fitted, train);
  const factor = sharedCovariance(fitted, train.labels, means);
  let trace = 0;
  for (let d = 0; d < width; d++) trace += factor[d * width + d]!;
  for (let d = 0; d < width; d++) factor[d * width + d]! += RIDGE * trace / width;
  if (!choleskyInPlace(factor, width)) {
    throw new RangeError(
      `Expected train.features to vary around their class's mean but found a total variance of ` +
        `${trace}; pass more than one training image a class`,
    );
  }
  // With S = L Lᵀ the distance is the Euclidean one of L⁻¹ x and L⁻¹ m.
  for (const mean of means.values()) solveLowerInPlace(factor, mean);
  const row = new Float64Array(width);
  return Float64Array.from({ length: asked.count }, (_, i) => {
    throwIfInterrupted();
    for (let d = 0; d < width; d++) row[d] = asked.values[i * width + d]!;
    solveLowerInPlace(factor, row);
    let nearest = Infinity;
    for (const mean of means.values()) {
      let distance = 0;
      for (let d = 0; d < width; d++) distance += (row[d]! - mean[d]!) ** 2;
      nearest = Math.min(nearest, distance);
    }
    return -nearest;
  });
}
