import { throwIfInterrupted } from "../../terminal/interrupt.ts";
import { requireInteger } from "../../arguments/require.ts";
import { dot, featureWidth } from "./features.ts";

/** Columns of N x D features, centred, as D rows of length N. */
function centredColumns(features: ArrayLike<number>, n: number, width: number): Float64Array {
  const columns = new Float64Array(features.length);
  for (let d = 0; d < width; d++) {
    // Relative to the first row, so that a constant column centres to exact zeros.
    const origin = features[d]!;
    let mean = 0;
    for (let i = 0; i < n; i++) mean += (features[i * width + d]! - origin) / n;
    for (let i = 0; i < n; i++) columns[d * n + i] = features[i * width + d]! - origin - mean;
  }
  return columns;
}

/** Squared Frobenius norm of A B^T for matrices whose rows have length n. */
function crossNorm(a: Float64Array, b: Float64Array, n: number): number {
  let total = 0;
  for (let i = 0; i < a.length; i += n) {
    throwIfInterrupted();
    for (let j = 0; j < b.length; j += n) total += dot(a, i, b, j, n) ** 2;
  }
  return total;
}

/**
 * Linear centred kernel alignment of two representations of the same images (Kornblith et al. 2019):
 * ||Y^T X||_F^2 / (||X^T X||_F ||Y^T Y||_F) with centred columns. It does not change under rotation
 * or uniform scaling of either representation. Takes time N D^2.
 *
 * @param first N x D1, row-major.
 * @param second N x D2, row-major, of the same images in the same order.
 * @param n N, at least 2.
 * @returns A number in [0, 1]; NaN where one representation is the same for all images.
 * @throws {RangeError} If the sizes do not fit or a value is not finite.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * assertAlmostEquals(linearCka([1, 0, 0, 1, 1, 1], [0, 2, -2, 0, -2, 2], 3), 1, 1e-12);
 * ```
 */
export function linearCka(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  n: number,
): number {
  requireInteger("n", n, { min: 2 });
  const x = centredColumns(first, n, featureWidth("first", first, n));
  const y = centredColumns(second, n, featureWidth("second", second, n));
  return crossNorm(x, y, n) / Math.sqrt(crossNorm(x, x, n) * crossNorm(y, y, n));
}
