import { throwIfInterrupted } from "../../terminal/interrupt.ts";
import { requireInteger } from "../../arguments/require.ts";
import { requireFinite } from "../_require.ts";

/** How far apart two feature vectors are: 1 - cosine similarity, or the Euclidean distance. */
export type FeatureMetric = "cosine" | "euclidean";

/**
 * The width D of N x D features.
 *
 * @throws {RangeError} If N < 1, the length is not a positive multiple of N, or a value is not finite.
 */
export function featureWidth(name: string, features: ArrayLike<number>, n: number): number {
  requireInteger(`rows of ${name}`, n, { min: 1 });
  const width = features.length / n;
  if (!(Number.isInteger(width) && width >= 1)) {
    throw new RangeError(
      `Expected ${name} to hold ${n} rows of equal width but found ${features.length} numbers`,
    );
  }
  requireFinite(name, features, width);
  return width;
}

/** Requires one whole, non-negative label per row; gives the distinct labels, rising. */
export function distinctLabels(labels: ArrayLike<number>): number[] {
  for (let i = 0; i < labels.length; i++) {
    requireInteger(`labels[${i}]`, labels[i]!, { min: 0 });
  }
  return [...new Set(Array.from(labels))].sort((a, b) => a - b);
}

/** Rows scaled to length 1; a row of zeros stays zero. */
export function unitRows(features: ArrayLike<number>, width: number): Float64Array {
  const unit = new Float64Array(features.length);
  for (let start = 0; start < unit.length; start += width) {
    let squares = 0;
    for (let j = 0; j < width; j++) squares += features[start + j]! ** 2;
    if (squares === 0) continue;
    const scale = 1 / Math.sqrt(squares);
    for (let j = 0; j < width; j++) unit[start + j] = features[start + j]! * scale;
  }
  return unit;
}

/** Inner product of two rows of width `width` that start at `i` and `j`. */
export function dot(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  width: number,
): number {
  let sum = 0;
  for (let d = 0; d < width; d++) sum += a[i + d]! * b[j + d]!;
  return sum;
}

/**
 * Calls `visit(i, j, distance)` for every pair i < j of rows, row by row. Takes time N^2 D / 2.
 */
export function forEachPair(
  features: ArrayLike<number>,
  width: number,
  metric: FeatureMetric,
  visit: (i: number, j: number, distance: number) => void,
): void {
  const rows = metric === "cosine" ? unitRows(features, width) : Float64Array.from(features);
  const n = rows.length / width;
  for (let i = 0; i < n; i++) {
    throwIfInterrupted();
    for (let j = i + 1; j < n; j++) {
      if (metric === "cosine") {
        visit(i, j, 1 - dot(rows, i * width, rows, j * width, width));
        continue;
      }
      let squares = 0;
      for (let d = 0; d < width; d++) squares += (rows[i * width + d]! - rows[j * width + d]!) ** 2;
      visit(i, j, Math.sqrt(squares));
    }
  }
}
