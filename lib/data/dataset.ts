import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import {
  requireInteger,
  requireList,
  requireOneOf,
  requireParts,
  requireText,
} from "../arguments/require.ts";
import { shapeText } from "../format/shape_text.ts";
import { thousands } from "../format/thousands.ts";
import {
  CHANNELS,
  type DatasetDefinition,
  IMAGE_BYTES,
  IMAGE_SIZE,
  type ImageShape,
  LAB_SHAPE,
  type Split,
} from "./definition.ts";
import { contentSource } from "./_content_source.ts";
import { definitions } from "./_registry.ts";

export { CHANNELS, IMAGE_BYTES, IMAGE_SIZE, type ImageShape, type Split };

/**
 * Where images came from: the official files, some of their images, files in their place whose content
 * is another ("unverified"), a generator of stand-ins, or the user's own program ("custom").
 */
export type DatasetSource = "real" | "real-subset" | "unverified" | "procedural" | "custom";
/** @internal */
type Definitions = typeof definitions;
/** The datasets of the lab. */
export type DatasetName = keyof Definitions;

/** All names, for checks and command lines. */
export const datasetNames = Object.keys(definitions) as DatasetName[];
/** Both splits. */
export const splits: readonly Split[] = ["train", "test"];

/** Labelled images of one shape, held as bytes. */
export interface Dataset {
  /** One of the lab's, e.g. "svhn", or a name of your own. */
  readonly name: string;
  /** "train" or "test". */
  readonly split: Split;
  /** Height, width and channels of an image; [32, 32, 3] in the lab's own data sets. */
  readonly imageShape: ImageShape;
  /** Whether the images are real, generated stand-ins or your own. */
  readonly source: DatasetSource;
  /** N * height * width * channels bytes, row-major NHWC. */
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

/** Whether a name is one of the lab's own data sets. */
function isDatasetName(name: string): name is DatasetName {
  return (datasetNames as readonly string[]).includes(name);
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

/**
 * The definition of one of the lab's own data sets.
 *
 * @returns `undefined` for a name of the user's own.
 */
export function knownDefinition(name: string): DatasetDefinition | undefined {
  return isDatasetName(name) ? definitions[name] : undefined;
}

const SOURCE_WORDS: Readonly<Record<DatasetSource, string>> = {
  "real": "real",
  "real-subset": "real (subset)",
  "unverified": "unverified",
  "procedural": "procedural stand-in",
  "custom": "custom",
};

/** All sources, for checks. */
export const datasetSources = Object.keys(SOURCE_WORDS) as DatasetSource[];

/** Parts of {@linkcode createDataset}. */
export interface DatasetParts {
  /** A name of your own, for captions and records, or one of the lab's. */
  readonly name: string;
  /** N * height * width * channels bytes from 0 to 255, row-major NHWC. */
  readonly images: Uint8Array;
  /** N class indices, integers in [0, K). */
  readonly labels: ArrayLike<number>;
  /** K names, 1 to 256. Default: the published names of the lab's own data sets, otherwise required. */
  readonly classNames?: readonly string[] | undefined;
  /** Height, width and channels of an image. Default [32, 32, 3]. */
  readonly imageShape?: ImageShape | undefined;
  /** Default "test". */
  readonly split?: Split | undefined;
  /**
   * Where the images came from; captions say it. Default "custom". Of a data set of the lab's, "real"
   * and "real-subset" need the content: without it they become "unverified".
   */
  readonly source?: DatasetSource | undefined;
}

/** A dataset's own figures are allowed, so that `{ ...data, images }` is a change of it. */
const partNames: OptionNames<DatasetParts & Pick<Dataset, "length" | "describe">> = {
  name: true,
  images: true,
  labels: true,
  classNames: true,
  imageShape: true,
  split: true,
  source: true,
  length: true,
  describe: true,
};

/** Labels are bytes. */
const MOST_CLASSES = 256;

/** Values in an image. */
export function imageSize([height, width, channels]: ImageShape): number {
  return height * width * channels;
}

/**
 * Requires a name that can stand in captions and at the start of a file's name.
 *
 * @throws {TypeError} If it is no text.
 * @throws {RangeError} If it is blank, or holds a slash, a backslash or a control character.
 */
export function requireDatasetName(name: string): void {
  requireText("name", name);
  // deno-lint-ignore no-control-regex
  if (name.trim() !== "" && !/[/\\\x00-\x1f\x7f]/.test(name)) return;
  throw new RangeError(
    "Expected name to hold more than blanks, and no slash, backslash or control character, since " +
      `file names start with it, but found ${JSON.stringify(name)}`,
  );
}

function requireImageShape(name: string, shape: ImageShape): void {
  requireList(name, shape);
  if (shape.length !== 3) {
    throw new RangeError(
      `Expected ${name} to be [height, width, channels] but found ${shape.length} numbers`,
    );
  }
  shape.forEach((side, axis) => requireInteger(`${name}[${axis}]`, side, { min: 1 }));
}

function requireClassNames({ name, classNames }: DatasetParts): readonly string[] {
  const names = classNames ?? knownDefinition(name)?.classNames;
  if (names === undefined) {
    throw new TypeError(
      `Expected classNames to name the classes of "${name}" but found undefined`,
    );
  }
  requireList("classNames", names);
  requireInteger("classNames.length", names.length, { min: 1, max: MOST_CLASSES });
  names.forEach((one, k) => requireText(`classNames[${k}]`, one));
  return names;
}

function requireBytes(images: Uint8Array, length: number, shape: ImageShape): void {
  requireList("images", images);
  if (!(images instanceof Uint8Array)) {
    throw new TypeError(
      `Expected images to be a Uint8Array of pixels from 0 to 255 but found ${
        Object.prototype.toString.call(images).slice(8, -1)
      }`,
    );
  }
  const bytes = imageSize(shape);
  if (images.length !== length * bytes) {
    throw new RangeError(
      `Expected images to hold ${length} x ${bytes} bytes, one image of ${shapeText(shape)} ` +
        `(imageShape) for each label, but found ${images.length}`,
    );
  }
}

function toLabels(labels: ArrayLike<number>, classes: number): Uint8Array {
  for (let k = 0; k < labels.length; k++) {
    const label = labels[k]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new RangeError(
      `Expected labels[${k}] to be an integer in [0, ${classes - 1}], a place in classNames, ` +
        `but found ${label}`,
    );
  }
  return labels instanceof Uint8Array ? labels : Uint8Array.from(labels);
}

/**
 * Puts a dataset together, of your own images or of the lab's. Under the name of one of the lab's, the
 * sources "real" and "real-subset" are kept only if SHA-256 of images and labels says so, else they
 * become "unverified": no other images can pass for the published ones, and no part for the whole.
 *
 * Every function that takes a dataset reads its images in `imageShape`. The augmentation "standard"
 * belongs to the lab's own data sets: for a name of your own the lab does not know which changes
 * leave an image's meaning alone, and refuses it.
 *
 * @param parts See {@linkcode DatasetParts}; `images`, and `labels` in a Uint8Array, are kept, not
 * copied.
 * @returns The dataset.
 * @throws {TypeError} If a part is missing, of another type or of another name.
 * @throws {RangeError} If there is no image, the lengths do not match, a label is no class, or there
 * are more than 256 classes.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const data = createDataset({
 *   name: "crosses",
 *   images: new Uint8Array(2 * 28 * 28),
 *   labels: [0, 1],
 *   classNames: ["cross", "circle"],
 *   imageShape: [28, 28, 1],
 * });
 * assertEquals(data.describe(), "crosses test, 2 images, custom");
 * ```
 */
export function createDataset(parts: DatasetParts): Dataset {
  const data = establishedDataset(parts);
  const known = knownDefinition(data.name);
  const isClaim = data.source === "real" || data.source === "real-subset";
  if (known === undefined || !isClaim) return data;
  return establishedDataset({
    ...parts,
    source: contentSource(known.contents?.[data.split] ?? [], data),
  });
}

/** As {@linkcode createDataset}, for a source that has been established: it is taken as it is. */
export function establishedDataset(parts: DatasetParts): Dataset {
  const needed = ["name", "images", "labels"];
  requireKnownOptions("createDataset", parts, partNames);
  requireParts("parts", parts, "an object with name, images, labels and classNames", needed);
  const { name, images, imageShape = LAB_SHAPE, split = "test", source = "custom" } = parts;
  requireDatasetName(name);
  requireOneOf("split", split, splits);
  requireOneOf("source", source, datasetSources);
  requireImageShape("imageShape", imageShape);
  const classNames = requireClassNames(parts);
  requireList("labels", parts.labels);
  const length = parts.labels.length;
  requireInteger("labels.length", length, { min: 1 });
  requireBytes(images, length, imageShape);
  const labels = toLabels(parts.labels, classNames.length);
  const title = knownDefinition(name)?.title ?? name;
  return {
    name,
    split,
    imageShape,
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
 * Requires a dataset: in a notebook no compiler looks at an argument's type. A literal without
 * `imageShape` is one of 32 x 32 x 3 images, if its bytes fit that.
 *
 * @returns The shape of its images.
 * @throws {TypeError} Naming the argument and what was found.
 * @throws {RangeError} If it holds another number of bytes than its labels and imageShape ask for.
 */
export function requireDataset(name: string, value: unknown): ImageShape {
  requireParts(name, value, "a dataset", ["images", "labels", "length"]);
  const { images, labels, length, imageShape } = value as Dataset & { imageShape?: ImageShape };
  if (labels.length !== length) {
    throw new RangeError(
      `Expected ${name}.labels to hold ${name}.length = ${length} labels but found ${labels.length}`,
    );
  }
  if (imageShape === undefined) {
    if (images.length === length * IMAGE_BYTES) return LAB_SHAPE;
    throw new TypeError(
      `Expected ${name} to have imageShape, [height, width, channels], since its ${length} images ` +
        `are not ${shapeText(LAB_SHAPE)} (${images.length} bytes) but found undefined; ` +
        `createDataset checks a dataset's parts`,
    );
  }
  requireImageShape(`${name}.imageShape`, imageShape);
  if (images.length !== length * imageSize(imageShape)) {
    throw new RangeError(
      `Expected ${name}.images to hold ${length} images of ${
        shapeText(imageShape)
      } (imageShape), ` +
        `${length * imageSize(imageShape)} bytes, but found ${images.length}`,
    );
  }
  return imageShape;
}

/**
 * A dataset with some images of another. A part of a real dataset calls itself "real-subset".
 *
 * @param data Gives everything but the images and labels.
 */
export function partOf(
  data: Dataset,
  { images, labels, imageShape }: Pick<Dataset, "images" | "labels" | "imageShape">,
): Dataset {
  const source = data.source === "real" ? "real-subset" : data.source;
  const { name, split, classNames } = data;
  return establishedDataset({ name, split, classNames, source, images, labels, imageShape });
}

/**
 * Indices of each class's images, in file order.
 *
 * @throws {RangeError} If a label has no class name.
 */
export function indicesByClass({ labels, classNames }: Dataset): number[][] {
  const byClass: number[][] = classNames.map(() => []);
  labels.forEach((label, index) => {
    if (byClass[label] === undefined) {
      throw new RangeError(
        `Expected labels[${index}] to be below ${classNames.length}, the number of classNames, but ` +
          `found ${label}`,
      );
    }
    byClass[label].push(index);
  });
  return byClass;
}

/**
 * Warns that a limit is more than there is, so that all images are used, or that it leaves one class of
 * several, as in files that are sorted by class.
 */
export function warnOfLimit(limit: number | undefined, labels: Uint8Array): void {
  if (limit === undefined) return;
  if (limit > labels.length) {
    console.warn(
      `limit is ${thousands(limit)}, but there are only ` +
        `${thousands(labels.length)} images: all of them are used.`,
    );
  }
  const isOther = (label: number) => label !== labels[0];
  if (limit > 1 && labels.some(isOther) && !labels.subarray(0, limit).some(isOther)) {
    console.warn(
      `limit is ${thousands(limit)}, and the first ${thousands(limit)} images are all of class ` +
        `${labels[0]}: the images seem to be sorted by class. Draw some of each class with ` +
        `splitDataset(data, fraction, seed).`,
    );
  }
}
