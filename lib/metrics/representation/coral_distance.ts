import { requireInteger } from "../../arguments/require.ts";
import { throwIfInterrupted } from "../../terminal/interrupt.ts";
import { featureWidth } from "./features.ts";

/** D x D sample covariance of N x D rows, row-major. */
function covariance(rows: ArrayLike<number>, width: number): Float64Array {
  const count = rows.length / width;
  const mean = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]! / count;
  const matrix = new Float64Array(width * width);
  const centred = new Float64Array(width);
  for (let i = 0; i < count; i++) {
    throwIfInterrupted();
    for (let d = 0; d < width; d++) centred[d] = rows[i * width + d]! - mean[d]!;
    for (let d = 0; d < width; d++) {
      const scale = centred[d]! / (count - 1);
      if (scale === 0) continue; // features after a ReLU are often 0
      for (let e = 0; e < width; e++) matrix[d * width + e]! += scale * centred[e]!;
    }
  }
  return matrix;
}

/**
 * How far apart the second moments of two domains' features are (Sun and Saenko 2016, "Deep CORAL"):
 * ||C_s - C_t||² / (4 D²), with the sample covariances C and the Frobenius norm. Unlike the proxy
 * A-distance it has no upper end that two very different domains reach anyway; it grows with the square
 * of the features' variance, so compare it only between domains in the features of one network.
 *
 * @param source Ns x D features, row-major, Ns >= 2.
 * @param target Nt x D features, row-major, Nt >= 2.
 * @param width D.
 * @returns The distance, at least 0; 0 for equal covariances.
 * @throws {RangeError} If a size does not fit, a domain has fewer than 2 images, or a value is not
 * finite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * // Variances 2 and 8, one feature: (2 - 8)² / 4.
 * assertEquals(coralDistance([-1, 1], [-2, 2], 1), 9);
 * ```
 */
export function coralDistance(
  source: ArrayLike<number>,
  target: ArrayLike<number>,
  width: number,
): number {
  requireInteger("width", width, { min: 1 });
  for (const [name, features] of Object.entries({ source, target })) {
    if (features.length % width !== 0) {
      throw new RangeError(
        `Expected width to divide the ${features.length} numbers of ${name} but found ${width}`,
      );
    }
    requireInteger(`images of ${name}`, features.length / width, { min: 2 });
    featureWidth(name, features, features.length / width);
  }
  const [one, other] = [covariance(source, width), covariance(target, width)];
  const squares = one.reduce((sum, value, k) => sum + (value - other[k]!) ** 2, 0);
  return squares / (4 * width * width);
}
