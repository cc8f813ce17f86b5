/** A folder of pictures split into images to train on, to choose on and to test on. */
import { type Dataset, establishedDataset, type Split } from "./dataset.ts";
import {
  type ImageFolder,
  imageFolder,
  type ImageFolderOptions,
  type ImageManifest,
  type ImageRecord,
  splitFolders,
} from "./image_folder.ts";
import { generator } from "../random/generator.ts";
import { selectImages } from "./select_images.ts";
import { splitIndices } from "./split_dataset.ts";

/** What an image is used for. */
export type Part = "train" | "validation" | "test";

/** An image and its part. */
export interface PartRecord extends ImageRecord {
  /** The image chooses nothing if it is "test". */
  readonly part: Part;
}

/** Where the images of a training came from, and what each was used for; plain JSON. */
export interface SplitManifest extends Omit<ImageManifest, "files"> {
  /** Seed of the split. */
  readonly seed: number;
  /** In the order of the folder. */
  readonly files: readonly PartRecord[];
}

/** A split folder. */
export interface ImageSplits extends Readonly<Record<Part, Dataset>> {
  readonly manifest: SplitManifest;
}

/** Settings of {@linkcode loadImageSplits}. */
export interface SplitOptions {
  /** As in {@linkcode imageFolder}. */
  readonly size: ImageFolderOptions["size"];
  /** Decides which images are held out. */
  readonly seed: number;
  /** Share of all images to test on, where the folder has no test images of its own. */
  readonly testFraction: number;
  /** Share of the other images to choose on. */
  readonly validationFraction: number;
}

/** Some images, for a split, in a mixed order: the first ones are of all classes. */
function partOfFolder(data: ImageFolder, indices: readonly number[], split: Split): Dataset {
  const mixed = generator(0).shuffle([...indices]);
  const { name, images, labels, classNames, imageShape } = selectImages(data, mixed);
  return establishedDataset({ name, split, images, labels, classNames, imageShape });
}

function partRecords(
  { manifest: { files } }: ImageFolder,
  indices: readonly number[],
  part: Part,
  folder = "",
): PartRecord[] {
  return indices.map((index) => {
    const file = files[index]!;
    return { ...file, path: `${folder}${file.path}`, part };
  });
}

/** One after the other, `second` taken from what `first` leaves. */
function composed(first: readonly number[], second: readonly number[]): number[] {
  return second.map((index) => first[index]!);
}

/** A folder with `train` and `test` in place of classes. */
async function ownSplits(directory: string, options: SplitOptions, trainFolder: string) {
  const { size, seed, validationFraction } = options;
  const train = await imageFolder(directory, { size, split: "train" });
  const { classNames } = train;
  const test = await imageFolder(directory, { size, split: "test", classNames });
  const [stay, heldOut] = splitIndices(train, validationFraction, seed);
  const all = [...test.labels.keys()];
  const testFolder = (await splitFolders(directory))!.test!;
  const below = (folder: string) => `${folder.slice(folder.lastIndexOf("/") + 1)}/`;
  return {
    train: partOfFolder(train, stay, "train"),
    validation: partOfFolder(train, heldOut, "train"),
    test: partOfFolder(test, all, "test"),
    manifest: {
      ...train.manifest,
      seed,
      files: [
        ...partRecords(train, stay, "train", below(trainFolder)),
        ...partRecords(train, heldOut, "validation", below(trainFolder)),
        ...partRecords(test, all, "test", below(testFolder)),
      ],
    },
  };
}

/**
 * Reads a folder of pictures and splits it, stratified by class and seed. A folder that holds `train`
 * and `test` (or `val`) in place of classes keeps its test images, and only validation is split off.
 *
 * @param directory As in {@linkcode imageFolder}.
 * @throws {Error} As {@linkcode imageFolder}; if the folder has test images but none to train on.
 */
export async function loadImageSplits(
  directory: string,
  options: SplitOptions,
): Promise<ImageSplits> {
  const folders = await splitFolders(directory);
  if (folders !== undefined && (folders.train === undefined || folders.test === undefined)) {
    const missing = folders.train === undefined ? "train" : "test";
    throw new Error(
      `${directory} holds splits in place of classes, but no folder ${missing}: add it, or name a ` +
        `folder with one folder a class`,
    );
  }
  if (folders !== undefined) return await ownSplits(directory, options, folders.train!);
  const { size, seed, testFraction, validationFraction } = options;
  const whole = await imageFolder(directory, { size, split: "train" });
  const [rest, test] = splitIndices(whole, testFraction, seed);
  const remaining = selectImages(whole, rest);
  const [stay, heldOut] = splitIndices(remaining, validationFraction, seed);
  const train = composed(rest, stay);
  const validation = composed(rest, heldOut);
  const parts = [
    ...partRecords(whole, train, "train"),
    ...partRecords(whole, validation, "validation"),
    ...partRecords(whole, test, "test"),
  ];
  const byPath = new Map(parts.map((record) => [record.path, record]));
  return {
    train: partOfFolder(whole, train, "train"),
    validation: partOfFolder(whole, validation, "train"),
    test: partOfFolder(whole, test, "test"),
    manifest: {
      ...whole.manifest,
      seed,
      files: whole.manifest.files.map(({ path }) => byPath.get(path)!),
    },
  };
}
