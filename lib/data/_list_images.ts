/** The files of a folder of images, by class. */
import { join } from "node:path";
import { FileError } from "../files/file_error.ts";
import { byCodePoints } from "./_code_points.ts";
import { unreadableFile } from "./_file_errors.ts";

/** A file of a class. */
export interface ListedImage {
  /** Below the folder, with slashes. */
  readonly path: string;
  /** The class folder's name. */
  readonly className: string;
}

/** What file managers leave behind. */
const DEBRIS = ["thumbs.db", "desktop.ini"];
const IMAGE_NAME = /\.(png|jpe?g|webp)$/i;

const isHidden = (name: string) => name.startsWith(".") || DEBRIS.includes(name.toLowerCase());

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** The entries of a folder in code-point order, links followed, hidden ones left out. */
async function entriesOf(folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const { name, isSymlink, isDirectory } of Deno.readDir(folder)) {
      if (isHidden(name)) continue;
      const isFolder = isSymlink ? (await Deno.stat(join(folder, name))).isDirectory : isDirectory;
      entries.push({ name, isFolder });
    }
  } catch (error) {
    throw unreadableFile(folder, error);
  }
  return entries.sort((a, b) => byCodePoints(a.name, b.name));
}

/** All files below a class's folder; `seen` holds the real paths above, so that links make no circle. */
async function filesBelow(root: string, path: string, seen: readonly string[]): Promise<string[]> {
  const real = await Deno.realPath(join(root, path));
  if (seen.includes(real)) {
    throw new FileError(`${join(root, path)} is a link to a folder above itself: remove it`, {
      path: join(root, path),
    });
  }
  const files: string[] = [];
  for (const { name, isFolder } of await entriesOf(join(root, path))) {
    const inner = `${path}/${name}`;
    if (isFolder) files.push(...await filesBelow(root, inner, [...seen, real]));
    else files.push(inner);
  }
  return files;
}

/**
 * The names of the folders in a folder, in code-point order.
 *
 * @throws {FileError} If it is no folder, or images lie in it beside the folders.
 */
export async function classFolders(directory: string): Promise<string[]> {
  const info = await Deno.stat(directory).catch(() => undefined);
  if (!info?.isDirectory) {
    const found = info === undefined ? "nothing" : "a file";
    throw new FileError(
      `Expected a folder with one folder of images a class but found ${found} at ${directory}`,
      { path: directory },
    );
  }
  const entries = await entriesOf(directory);
  const loose = entries.filter(({ name, isFolder }) => !isFolder && IMAGE_NAME.test(name));
  const names = entries.filter(({ isFolder }) => isFolder).map(({ name }) => name);
  if (names.length > 0 && loose.length === 0) return names;
  throw new FileError(
    `Expected one folder of images a class in ${directory} but found ` +
      (loose.length === 0
        ? "no folder in it"
        : `${loose.length} images outside of any, e.g. ${loose[0]!.name}`) +
      `: put each class's images into a folder with its name`,
    { path: directory },
  );
}

/**
 * The files of the classes' folders, hidden ones left out, in code-point order of class and path.
 *
 * @throws {FileError} If a class's folder is empty or cannot be read.
 */
export async function listImages(
  directory: string,
  classNames: readonly string[],
): Promise<ListedImage[]> {
  const images: ListedImage[] = [];
  for (const className of classNames) {
    const files = (await filesBelow(directory, className, [])).sort(byCodePoints);
    if (files.length === 0) {
      throw new FileError(
        `The class folder ${join(directory, className)} holds no images: fill or remove it`,
        { path: join(directory, className) },
      );
    }
    images.push(...files.map((path) => ({ path, className })));
  }
  return images;
}
