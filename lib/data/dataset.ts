import { requireInteger, requireParts } from "../arguments/require.ts";
import { thousands } from "../format/thousands.ts";
import {
  CHANNELS,
  type DatasetDefinition,
  IMAGE_BYTES,
  IMAGE_SIZE,
  type Split,
} from "./definition.ts";
import { definitions } from "./_registry.ts";

export { CHANNELS, IMAGE_BYTES, IMAGE_SIZE, type Split };

/** Where images came from: the official files, some of them, or a generator of stand-ins. */
export type DatasetSource = "real" | "real-subset" | "procedural";
/** @internal */
type Definitions = typeof definitions;
/** The datasets of the lab. */
export type DatasetName = keyof Definitions;

/** All names, for checks and command lines. */
export const datasetNames = Object.keys(definitions) as DatasetName[];
/** Both splits. */
export const splits: readonly Split[] = ["train", "test"];

/** Labelled 32 x 32 colour images, held as bytes. */
export interface Dataset {
  /** E.g. "svhn"; {@linkcode loadDataset} loads by it. */
  readonly name: DatasetName;
  /** "train" or "test". */
  readonly split: Split;
  /** Whether the images are real or generated stand-ins. */
  readonly source: DatasetSource;
  /** N * 32 * 32 * 3 bytes, row-major NHWC. */
  readonly images: Uint8Array;
  /** N class indices. */
  readonly labels: Uint8Array;
  /** K names; the label k means `classNames[k]`. */
  readonly classNames: readonly string[];
  /** N, the number of images. */
  readonly length: number;
  /** One line for captions, e.g. "SVHN test, 2,000 images, real (subset)". */
  describe(): string;
}

/**
 * What a dataset is made of: title, image counts, class names, files, stand-in.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(datasetDefinition("svhn").counts.train, 73257);
 * ```
 */
export function datasetDefinition(name: DatasetName): DatasetDefinition {
  return definitions[name];
}

const SOURCE_WORDS: Readonly<Record<DatasetSource, string>> = {
  "real": "real",
  "real-subset": "real (subset)",
  "procedural": "procedural stand-in",
};

/** The parts that {@linkcode createDataset} cannot work out itself. */
export interface DatasetParts {
  readonly name: DatasetName;
  readonly split: Split;
  readonly source: DatasetSource;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  /** Default: the published names. */
  readonly classNames?: readonly string[];
}

/**
 * Puts a dataset together. A source "real" with any other than the official count becomes
 * "real-subset", so that no part of a dataset can pass for the whole.
 *
 * @param parts `images` holds N * 3,072 bytes, `labels` N class indices; both are kept, not copied.
 * @returns The dataset.
 * @throws {RangeError} If there is no image, the lengths do not match or a label is no class.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const data = createDataset({
 *   name: "mnist",
 *   split: "test",
 *   source: "real",
 *   images: new Uint8Array(2 * 3072),
 *   labels: Uint8Array.of(3, 9),
 * });
 * assertEquals(data.describe(), "MNIST test, 2 images, real (subset)");
 * ```
 */
export function createDataset(parts: DatasetParts): Dataset {
  const { name, split, images, labels } = parts;
  const { title, counts, classNames: published } = datasetDefinition(name);
  const classNames = parts.classNames ?? published;
  const length = labels.length;
  requireInteger("labels.length", length, { min: 1 });
  if (images.length !== length * IMAGE_BYTES) {
    throw new RangeError(
      `Expected images to hold ${length} x ${IMAGE_BYTES} bytes but found ${images.length}`,
    );
  }
  for (let k = 0; k < length; k++) {
    if (labels[k]! >= classNames.length) {
      throw new RangeError(
        `Expected label ${k} to be below ${classNames.length} but found ${labels[k]}`,
      );
    }
  }
  const source = parts.source === "real" && length !== counts[split] ? "real-subset" : parts.source;
  return {
    name,
    split,
    source,
    images,
    labels,
    classNames,
    length,
    describe() {
      const count = length === 1 ? "1 image" : `${thousands(length)} images`;
      return `${title} ${split}, ${count}, ${SOURCE_WORDS[source]}`;
    },
  };
}

/**
 * Requires a dataset: in a notebook no compiler looks at an argument's type.
 *
 * @throws {TypeError} Naming the argument and what was found.
 */
export function requireDataset(name: string, value: unknown): void {
  requireParts(name, value, "a dataset", ["images", "labels", "length"]);
}

/** Indices of each class's images, in file order. */
export function indicesByClass({ labels, classNames }: Dataset): number[][] {
  const byClass: number[][] = classNames.map(() => []);
  labels.forEach((label, index) => byClass[label]!.push(index));
  return byClass;
}

/** Warns that a limit is more than there is; all images are used then. */
export function warnIfBeyond(limit: number | undefined, data: Pick<Dataset, "length">): void {
  if (limit === undefined || limit <= data.length) return;
  console.warn(
    `limit is ${thousands(limit)}, but there are only ` +
      `${thousands(data.length)} images: all of them are used.`,
  );
}
