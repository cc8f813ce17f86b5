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
