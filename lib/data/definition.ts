/** What a data set is made of; each of lib/data/sets defines one. */
import type { Generator } from "../random/generator.ts";

/** Which part of a dataset. */
export type Split = "train" | "test";

/** Height, width and channels of one image. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Images of the lab's own data sets are squares of this side. */
export const IMAGE_SIZE = 32;
/** Red, green, blue. */
export const CHANNELS = 3;
/** Bytes of one image of the lab's own data sets. */
export const IMAGE_BYTES = IMAGE_SIZE * IMAGE_SIZE * CHANNELS;
/** The shape of the lab's own images, and of a data set that names none. */
export const LAB_SHAPE: ImageShape = [IMAGE_SIZE, IMAGE_SIZE, CHANNELS];

/** Images and their labels, before they are known as a dataset. */
export interface LabelledImages {
  /** N * height * width * channels bytes, row-major NHWC. */
  readonly images: Uint8Array;
  /** N class indices. */
  readonly labels: Uint8Array;
}

/** Where an image lies in a longer array. */
export interface ImagePlace {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly shape: ImageShape;
}

/** Writes a changed copy of the image at `source` to `target`, which starts as zeros. */
export type Transform = (source: ImagePlace, target: ImagePlace, g: Generator) => void;

/** A file on the web. */
export interface RemoteFile {
  /** Where it belongs below the data directory. */
  readonly path: string;
  /** The publisher's address first, then mirrors; the checksum holds for all. */
  readonly urls: readonly string[];
  readonly bytes: number;
  /** Hexadecimal. */
  readonly md5: string;
  /** For an archive: the members to take out, by path in the archive, with their sizes. */
  readonly members?: Readonly<Record<string, number>>;
  /** The members' own MD5 checksums, where they are known; hexadecimal. */
  readonly memberMd5?: Readonly<Record<string, string>>;
}

/** Content that is known by its digest. */
export interface KnownContent {
  /** Of the decoded images, then the labels; hexadecimal. */
  readonly sha256: string;
  /** All images of the official split, or some of them. */
  readonly source: "real" | "real-subset";
}

/** Files that hold a dataset in a form that is never read. */
export interface RefusedFiles {
  /** Paths below the data directory. */
  readonly files: readonly string[];
  /** Says what was found and how to get a form that is read. */
  readonly explain: (found: string, directory: string) => string;
}

/** The generator of images that stand in for a dataset's. */
export interface StandIn {
  /** Keys the draws; a number of its own for each dataset, never changed. */
  readonly stream: number;
  /** Draws one image of a class: 32 x 32 x 3 bytes. */
  readonly paint: (label: number, g: Generator) => Uint8ClampedArray;
  /** Default: the published names. */
  readonly classNames?: readonly string[];
}

/** A dataset as published, and how this project reads, imitates and augments it. */
export interface DatasetDefinition {
  readonly title: string;
  /** Images of the official splits. */
  readonly counts: Readonly<Record<Split, number>>;
  readonly classNames: readonly string[];
  /** Paths of each split's files below the data directory, as the publisher names them. */
  readonly files: Readonly<Record<Split, readonly string[]>>;
  /** Where else a file may lie, in the order of preference. Default: in its own place alone. */
  readonly places?: (file: string) => readonly string[];
  /** Other forms of the dataset, which are named rather than read. */
  readonly refused?: RefusedFiles;
  /**
   * What is known by its content. The digests were computed once, from files whose published MD5 sums
   * matched, by tests/golden/dataset_contents.ts. Default: nothing; then the MD5 sums decide.
   */
  readonly contents?: Readonly<Record<Split, readonly KnownContent[]>>;
  /** The training file that may stand alone, in the layout of a subset. */
  readonly subsetFile?: string;
  /**
   * Reads all images of a split's files.
   *
   * @param maxImages Largest number of images, checked before anything is allocated.
   */
  read(paths: readonly string[], maxImages: number): Promise<LabelledImages>;
  /** What `deno task download` fetches, with sizes and published MD5 checksums. */
  readonly officialFiles: readonly RemoteFile[];
  readonly standIn: StandIn;
  /** The augmentation "standard": changes that leave an image's meaning alone. */
  readonly augment: Transform;
  /**
   * Per-channel mean and standard deviation of the official training pixels in [0, 1], in their
   * original size: what models trained elsewhere usually normalise with.
   */
  readonly normalisation?: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** Passes over the training images by default in `deno task train`. */
  readonly epochs: number;
  /** Runs are evaluated on this dataset too: the same classes in another look. */
  readonly transferTo?: string;
}

/** Class names of the ten digits. */
export const digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;
