/**
 * Factors a symmetric positive definite matrix S = L Lᵀ in place: the lower triangle becomes L.
 *
 * @param matrix d x d, row-major; only the lower triangle is read.
 * @returns Whether S is positive definite in double precision.
 */
export function choleskyInPlace(matrix: Float64Array, d: number): boolean {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * d + j]!;
      for (let k = 0; k < j; k++) rest -= matrix[i * d + k]! * matrix[j * d + k]!;
      if (i !== j) matrix[i * d + j] = rest / matrix[j * d + j]!;
      else if (rest > 0) matrix[i * d + i] = Math.sqrt(rest);
      else return false;
    }
  }
  return true;
}

/** Replaces `vector` by the y with L y = vector, by forward substitution. */
export function solveLowerInPlace(factor: Float64Array, vector: Float64Array): void {
  const d = vector.length;
  for (let i = 0; i < d; i++) {
    let rest = vector[i]!;
    for (let k = 0; k < i; k++) rest -= factor[i * d + k]! * vector[k]!;
    vector[i] = rest / factor[i * d + i]!;
  }
}
