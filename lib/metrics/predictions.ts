import { requireRows } from "./_require.ts";

/** A classifier's outputs on N labelled images; collected once, then read by every metric. */
export interface Predictions {
  /** N x K raw scores, row-major. */
  readonly logits: Float32Array;
  /** N x K softmax probabilities, row-major. */
  readonly probabilities: Float32Array;
  /** N class indices. */
  readonly labels: ArrayLike<number>;
  /** K. */
  readonly classes: number;
  /** N. */
  readonly length: number;
  /** N x D features, row-major, where they were collected. */
  readonly features?: Float32Array;
}

function softmaxRow(logits: Float32Array, start: number, into: Float32Array, classes: number) {
  let largest = -Infinity;
  for (let k = 0; k < classes; k++) largest = Math.max(largest, logits[start + k]!);
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += Math.exp(logits[start + k]! - largest);
  for (let k = 0; k < classes; k++) {
    into[start + k] = Math.exp(logits[start + k]! - largest) / sum;
  }
}

/**
 * Builds predictions from raw scores; the softmax is taken in double precision and stored as
 * float32.
 *
 * @param logits N x K finite scores, row-major; kept, not copied.
 * @param labels N whole numbers in [0, K); kept, not copied.
 * @param classes K, at least 2.
 * @returns The predictions, without features.
 * @throws {TypeError} If logits is not a Float32Array.
 * @throws {RangeError} If classes < 2, N is 0, a length does not match, a logit is NaN or infinite,
 * or a label is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const p = predictionsFromLogits(new Float32Array([1, 1, -200, 200]), [0, 1], 2);
 * assertEquals([...p.probabilities], [0.5, 0.5, 0, 1]);
 * ```
 */
export function predictionsFromLogits(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): Predictions {
  if (!(logits instanceof Float32Array)) {
    throw new TypeError(`Expected logits to be a Float32Array but found ${typeof logits}`);
  }
  requireRows("logits", logits, labels, classes);
  const probabilities = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    softmaxRow(logits, start, probabilities, classes);
  }
  return { logits, probabilities, labels, classes, length: labels.length };
}
