/** Images and their labels, before they are known as a dataset. */
export interface LabelledImages {
  /** N * 32 * 32 * 3 bytes, row-major NHWC. */
  readonly images: Uint8Array;
  /** N class indices. */
  readonly labels: Uint8Array;
}
