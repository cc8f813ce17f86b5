/**
 * What a file was when set-up had installed it, and whether it still is that. Nothing here imports a
 * package: `ready.ts` asks before there are any.
 */
import { createHash } from "node:crypto";
import { isAbsolute, join, relative, sep } from "node:path";

/**
 * A file or link of a finished part. The path is relative to the project and `modified` counts
 * milliseconds. The content is a file's SHA-256; a link's is where it leads to inside the project, or
 * "-> elsewhere".
 */
export type InstalledFile = readonly [
  path: string,
  size: number,
  modified: number,
  content: string,
];

const LINK = "-> ";
const ELSEWHERE = `${LINK}elsewhere`;
/** What programs load; types, sources and texts for people need no look before each task. */
const IS_LOADED = /(?:\.(?:[cm]?js|json|node|wasm|ttf|py|dylib)|\.so[.\d]*|(?:^|\/)[^./]+)$/;

/** Of these, what nothing of the project imports: a third of all files. */
const IS_NOT_OURS = /\/core-js@|_test\.js$|\.min\.js$/;

/** Checked by hand: stamps are read before there are any packages. */
export function isInstalledFile(value: unknown): value is InstalledFile {
  if (!Array.isArray(value) || value.length !== 4) return false;
  const [path, size, modified, content] = value;
  return typeof path === "string" && typeof size === "number" && typeof modified === "number" &&
    typeof content === "string";
}

function digestOf(path: string): string {
  const hash = createHash("sha256");
  using file = Deno.openSync(path);
  const chunk = new Uint8Array(1 << 20);
  for (let count = file.readSync(chunk); count !== null; count = file.readSync(chunk)) {
    hash.update(chunk.subarray(0, count));
  }
  return hash.digest("hex");
}

/** A link's content. One that leads to nothing is an error, as for a file that is not there. */
function leadsTo(root: string, path: string): string {
  const target = Deno.readLinkSync(path);
  if (!isAbsolute(target)) return `${LINK}${target}`;
  Deno.statSync(path);
  const inside = relative(root, target);
  return inside.startsWith("..") || isAbsolute(inside) ? ELSEWHERE : `${LINK}${inside}`;
}

const modifiedOf = ({ mtime }: Deno.FileInfo) => mtime?.getTime() ?? 0;

/**
 * Describes a file as it is now.
 *
 * @param root The project's folder.
 * @param path The file's absolute path in it.
 * @throws {Error} If it cannot be read.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const root = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${root}/a.txt`, "abc");
 * const [path, size, , sha256] = installedFile(root, `${root}/a.txt`);
 * assertEquals([path, size, sha256.slice(0, 8)], ["a.txt", 3, "ba7816bf"]);
 * ```
 */
export function installedFile(root: string, path: string): InstalledFile {
  const name = relative(root, path).split(sep).join("/");
  const found = Deno.lstatSync(path);
  if (found.isSymlink) return [name, 0, 0, leadsTo(root, path)];
  if (!found.isFile) throw new Error(`${path} is no file`); // to open a pipe would wait for ever
  return [name, found.size, modifiedOf(found), digestOf(path)];
}

/** A file as it is now, for one whose content is known to be the same as before. */
export function sameFile(root: string, [name, size, , content]: InstalledFile): InstalledFile {
  if (content.startsWith(LINK)) return [name, size, 0, content];
  return [name, size, modifiedOf(Deno.lstatSync(join(root, name))), content];
}

function seemsUnchanged(root: string, [name, size, modified, content]: InstalledFile): boolean {
  const path = join(root, name);
  if (content.startsWith(LINK)) return leadsTo(root, path) === content;
  const found = Deno.lstatSync(path);
  return found.isFile && found.size === size && modifiedOf(found) === modified;
}

function isUnchanged(root: string, file: InstalledFile): boolean {
  const [, size, , content] = installedFile(root, join(root, file[0]));
  return size === file[1] && content === file[3];
}

/** A file that is gone or cannot be read is not what it was. */
function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/**
 * Whether files have the size and time of change that they had, without reading them. A copy has
 * other times: {@linkcode damagedFiles} tells whether it is the same.
 *
 * @param files Of these, those that programs load are looked at.
 */
export function seemWhole(root: string, files: readonly InstalledFile[]): boolean {
  return files.every((file) =>
    !IS_LOADED.test(file[0]) || IS_NOT_OURS.test(file[0]) || holds(() => seemsUnchanged(root, file))
  );
}

/**
 * Reads files and compares their SHA-256.
 *
 * @returns The paths of those that are gone or changed, relative to the project.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const root = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${root}/a.js`, "abc");
 * const files = [installedFile(root, `${root}/a.js`)];
 * assertEquals([seemWhole(root, files), damagedFiles(root, files)], [true, []]);
 * await Deno.writeTextFile(`${root}/a.js`, "abd");
 * assertEquals(damagedFiles(root, files), ["a.js"]);
 * ```
 */
export function damagedFiles(root: string, files: readonly InstalledFile[]): string[] {
  return files.filter((file) => !holds(() => isUnchanged(root, file))).map(([path]) => path);
}
