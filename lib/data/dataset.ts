/** Where images came from: the official files, some of them, or a generator of stand-ins. */
export type DatasetSource = "real" | "real-subset" | "procedural";
/** The three datasets of the lab. */
export type DatasetName = "mnist" | "svhn" | "cifar10";
/** Which part of a dataset. */
export type Split = "train" | "test";

/** Labelled 32 x 32 colour images, held as bytes. */
export interface Dataset {
  readonly name: DatasetName;
  readonly split: Split;
  readonly source: DatasetSource;
  /** N * 32 * 32 * 3 bytes, row-major NHWC. */
  readonly images: Uint8Array;
  /** N class indices. */
  readonly labels: Uint8Array;
  readonly classNames: readonly string[];
  readonly length: number;
  /** One line for captions, e.g. "SVHN test, 2,000 images, real (subset)". */
  describe(): string;
}
