import { basename, dirname, join } from "node:path";
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireList, requireOneOf, requireText } from "../arguments/require.ts";
import { FileError } from "../files/file_error.ts";
import { readBounded } from "../files/read_bounded.ts";
import { printable } from "../format/printable.ts";
import { sha256 } from "../format/sha256.ts";
import { throwIfInterrupted } from "../terminal/interrupt.ts";
import { decodeImage, type ImageFormat } from "./_decode_image.ts";
import { classFolders, type ListedImage, listImages } from "./_list_images.ts";
import { createDataset, type Dataset, knownDefinition, type Split, splits } from "./dataset.ts";
import { CHANNELS } from "./definition.ts";
import { coverCentre } from "./resize.ts";

/** Options of {@linkcode imageFolder}. */
export interface ImageFolderOptions {
  /** Side of the square images in pixels, or [height, width]; >= 1. Required. */
  readonly size: number | readonly [height: number, width: number];
  /**
   * The classes in the order of their labels, e.g. those of the training folder; a class without a
   * folder has no image, a folder of another name is an error. Default: the folders' names in
   * code-point order.
   */
  readonly classNames?: readonly string[] | undefined;
  /**
   * What the images are for. Where the directory has the folders `train` and `test` (or `val`) in
   * place of classes, the one to read. Default "test" where it has classes, else required.
   */
  readonly split?: Split | undefined;
}

const optionNames: OptionNames<ImageFolderOptions> = { size: true, classNames: true, split: true };

/** Where one image came from. */
export interface ImageRecord {
  /** Below the directory, with slashes. */
  readonly path: string;
  /** SHA-256 of the file; hexadecimal. */
  readonly sha256: string;
  /** Its place in the manifest's `classNames`. */
  readonly label: number;
  /** How the file is packed, by its first bytes. */
  readonly format: ImageFormat;
  /** Of the upright image in the file, in pixels. */
  readonly height: number;
  /** Likewise. */
  readonly width: number;
}

/** Where a folder's images came from, as plain JSON. */
export interface ImageManifest {
  /** Version of this form. */
  readonly schema: 1;
  /** Name of the dataset. */
  readonly name: string;
  /** Height and width that the images were brought to. */
  readonly size: readonly [height: number, width: number];
  /** The label k means `classNames[k]`. */
  readonly classNames: readonly string[];
  /** In the order of the dataset's images. */
  readonly files: readonly ImageRecord[];
}

/** Images of a folder. */
export interface ImageFolder extends Dataset {
  /** Each image's file and its hash. Parts of the dataset do not carry it. */
  readonly manifest: ImageManifest;
}

/** Larger than any photograph that is worth resizing. */
const MAX_FILE_BYTES = 2 ** 28;
/** At most this many bad files are named in one error. */
const MAX_NAMED = 10;
/** Files that are decoded at the same time. */
const AT_ONCE = 4;

/** Folders of splits, by split, the first that is there. */
const SPLIT_FOLDERS: Readonly<Record<Split, readonly string[]>> = {
  train: ["train"],
  test: ["test", "val", "valid", "validation"],
};

/**
 * The folders of a directory that has splits in place of classes.
 *
 * @returns `undefined` if it has classes.
 */
export async function splitFolders(
  directory: string,
): Promise<Partial<Record<Split, string>> | undefined> {
  const names = await classFolders(directory);
  const known = Object.values(SPLIT_FOLDERS).flat();
  if (!names.every((name) => known.includes(name))) return undefined;
  const found = splits.map((split) => [
    split,
    SPLIT_FOLDERS[split].filter((name) => names.includes(name)).map((n) => join(directory, n))[0],
  ]);
  return Object.fromEntries(found.filter(([, folder]) => folder !== undefined));
}

/** The folder that holds the classes. */
async function folderOfSplit(directory: string, split: Split | undefined): Promise<string> {
  const folders = await splitFolders(directory);
  if (folders === undefined) return directory;
  const folder = split && folders[split];
  if (folder !== undefined) return folder;
  throw new FileError(
    `${directory} holds the splits ${Object.keys(folders).join(" and ")} in place of classes: ` +
      `choose one with split: "train" or "test"`,
    { path: directory },
  );
}

/** A dataset's name from its folder's, so that its files and captions read well. */
export async function imageFolderName(directory: string): Promise<string> {
  const real = await Deno.realPath(directory);
  const own = basename(real);
  const isSplit = Object.values(SPLIT_FOLDERS).flat().includes(own);
  const name = (isSplit ? basename(dirname(real)) : own).replace(/\p{Cc}|[/\\]/gu, "_").trim();
  if (name === "") return "images";
  // Own images must not pass for the published ones, nor get their augmentation.
  return knownDefinition(name) === undefined ? name : `${name}-images`;
}

interface ReadImage {
  readonly record: ImageRecord;
  readonly pixels: Uint8Array;
}

async function readImage(
  directory: string,
  { path, className }: ListedImage,
  classNames: readonly string[],
  size: readonly [number, number],
): Promise<ReadImage> {
  const bytes = await readBounded(join(directory, path), MAX_FILE_BYTES, { within: directory });
  if (bytes === undefined) throw new Error("it is a link to nothing, or has just been removed");
  const { format, height, width, pixels } = await decodeImage(bytes);
  return {
    record: {
      path,
      sha256: sha256(bytes),
      label: classNames.indexOf(className),
      format,
      height,
      width,
    },
    pixels: coverCentre(pixels, [height, width], size),
  };
}

/** What went wrong with one file, without its name at the front. */
function complaint(path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${printable(path)}: ${message}`;
}

/** All files as images; the bad ones are named together, so that they can be mended at once. */
async function readAll(
  directory: string,
  files: readonly ListedImage[],
  read: (file: ListedImage) => Promise<ReadImage>,
): Promise<ReadImage[]> {
  const images: ReadImage[] = [];
  const bad: string[] = [];
  for (let start = 0; start < files.length; start += AT_ONCE) {
    throwIfInterrupted();
    const some = files.slice(start, start + AT_ONCE);
    const results = await Promise.allSettled(some.map(read));
    results.forEach((result, k) => {
      if (result.status === "fulfilled") images.push(result.value);
      else bad.push(complaint(some[k]!.path, result.reason));
    });
  }
  if (bad.length === 0) return images;
  const rest = bad.length > MAX_NAMED ? [`and ${bad.length - MAX_NAMED} more`] : [];
  const count = bad.length === 1 ? "One file" : `${bad.length} files`;
  throw new FileError(
    `${count} of ${files.length} in ${directory} cannot be used; mend or remove them: ` +
      [...bad.slice(0, MAX_NAMED), ...rest].join("; "),
    { path: directory },
  );
}

/** The same picture under two labels, or on both sides of a split, spoils what is measured. */
function warnOfCopies(directory: string, records: readonly ImageRecord[]): void {
  const first = new Map<string, ImageRecord>();
  const copies: [ImageRecord, ImageRecord][] = [];
  for (const record of records) {
    const same = first.get(record.sha256);
    if (same === undefined) first.set(record.sha256, record);
    else copies.push([same, record]);
  }
  if (copies.length === 0) return;
  const contradictory = copies.find(([a, b]) => a.label !== b.label);
  const [a, b] = contradictory ?? copies[0]!;
  console.warn(
    `${copies.length} of ${records.length} files in ${directory} are copies of others, e.g. ` +
      `${printable(b.path)} of ${printable(a.path)}` +
      `${
        contradictory === undefined ? "" : ", which has another class"
      }: a split may put the same ` +
      `image on both sides.`,
  );
}

function requireSize(size: ImageFolderOptions["size"]): readonly [number, number] {
  if (typeof size === "number" || size === undefined) {
    requireInteger("size", size as number, { min: 1 });
    return [size, size];
  }
  requireList("size", size);
  if (size.length !== 2) {
    throw new RangeError(
      `Expected size to be one number or [height, width] but found ${size.length} numbers`,
    );
  }
  size.forEach((side, axis) => requireInteger(`size[${axis}]`, side, { min: 1 }));
  return [size[0], size[1]];
}

function requireFolders(directory: string, folders: readonly string[], classNames: unknown): void {
  requireList("classNames", classNames);
  const names = classNames as readonly string[];
  names.forEach((name, k) => requireText(`classNames[${k}]`, name));
  const repeated = names.find((name, k) => names.indexOf(name) !== k);
  if (repeated !== undefined) {
    throw new RangeError(`Expected classNames to be distinct but found "${repeated}" twice`);
  }
  const unknown = folders.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw new RangeError(
    `Expected the folders in ${directory} to be among classNames (${names.join(", ")}) but found ` +
      unknown.map(printable).join(", "),
  );
}

/**
 * Reads a folder of pictures as a dataset: one folder a class, PNG, JPEG and WebP files in them or in
 * folders below. Classes are the folders' names in code-point order, and so are the files in them;
 * what a file is, its first bytes say. Hidden files are left out.
 *
 * Each image is turned upright as its EXIF data say, laid over white where it is transparent, scaled
 * so that its shorter side becomes `size` (bilinear, half-pixel centres, without smoothing beforehand)
 * and cut to its centre: the sizes, offsets and rounding of torchvision's `Resize(size,
 * antialias=False)` and `CenterCrop(size)`. Grey images get three equal channels; colour profiles are
 * ignored.
 *
 * Split it with {@linkcode splitDataset}, stratified by a seed. A warning names files that are copies
 * of each other.
 *
 * @param directory The folder, with a folder for each class; or one with `train` and `test` folders
 * of that kind, see `split`.
 * @param options See {@linkcode ImageFolderOptions}.
 * @returns The dataset; its source is "custom", its name the folder's, its `manifest` the provenance:
 * path, SHA-256, label and original size of each file. Memory: 3 * height * width bytes an image.
 * @throws {TypeError} If an option is of another type or name.
 * @throws {RangeError} If `size` is out of range, or a folder is not among `classNames`.
 * @throws {Error} Naming the folder, if it has no class folders or one is empty; naming the files that
 * are no images or damaged, all of them together.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const directory = `${await Deno.makeTempDir()}/shades`;
 * // The smallest pictures: one grey pixel each, as PNG.
 * const start = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nG";
 * const black = `${start}NgAAAAAgABSK+kcQAAAABJRU5ErkJggg==`;
 * const white = `${start}P4DwABAQEAsTj2FAAAAABJRU5ErkJggg==`;
 * for (const [name, png] of Object.entries({ black, white })) {
 *   await Deno.mkdir(`${directory}/${name}`, { recursive: true });
 *   await Deno.writeFile(`${directory}/${name}/1.png`, Uint8Array.fromBase64(png));
 * }
 * const data = await imageFolder(directory, { size: 2 });
 * assertEquals(data.describe(), "shades test, 2 images, custom");
 * assertEquals([data.classNames, data.imageShape], [["black", "white"], [2, 2, 3]]);
 * ```
 */
export async function imageFolder(
  directory: string,
  options: ImageFolderOptions,
): Promise<ImageFolder> {
  requireKnownOptions("imageFolder", options, optionNames);
  requireText("directory", directory);
  const { size, classNames, split } = options ?? {};
  const [height, width] = requireSize(size);
  if (split !== undefined) requireOneOf("split", split, splits);
  const folder = await folderOfSplit(directory, split);
  const folders = await classFolders(folder);
  if (classNames !== undefined) requireFolders(folder, folders, classNames);
  const names = classNames ?? folders;
  const listed = await listImages(folder, names.filter((name) => folders.includes(name)));
  const images = await readAll(
    folder,
    listed,
    (file) => readImage(folder, file, names, [height, width]),
  );
  const files = images.map(({ record }) => record);
  warnOfCopies(folder, files);
  const bytes = height * width * CHANNELS;
  const pixels = new Uint8Array(images.length * bytes);
  images.forEach((image, k) => pixels.set(image.pixels, k * bytes));
  const data = createDataset({
    name: await imageFolderName(folder),
    images: pixels,
    labels: files.map(({ label }) => label),
    classNames: [...names],
    imageShape: [height, width, CHANNELS],
    split: split ?? "test",
  });
  const manifest: ImageManifest = {
    schema: 1,
    name: data.name,
    size: [height, width],
    classNames: data.classNames,
    files,
  };
  // Not copied by { ...data }: changed images are no longer those of the files.
  return Object.defineProperty(data, "manifest", { value: manifest }) as ImageFolder;
}
