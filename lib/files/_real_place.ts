import { dirname, isAbsolute, join, relative, resolve } from "node:path";

/** As many links as the system itself follows from one path. */
const MAX_LINKS = 40;

/** What lies at a path itself, a link included; undefined where nothing does. */
export async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Finds where a file or folder would really be: the symbolic links of the part that exists are
 * followed, also one that leads to nothing yet.
 *
 * @param path May not exist.
 * @returns The absolute path without links.
 * @throws {Error} Naming the path, if its links lead in a circle.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const folder = await Deno.realPath(await Deno.makeTempDir());
 * await Deno.symlink("elsewhere", `${folder}/link`);
 * assertEquals(await realPlace(`${folder}/link/new.txt`), `${folder}/elsewhere/new.txt`);
 * ```
 */
export async function realPlace(path: string): Promise<string> {
  let wanted = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    let existing = wanted;
    while (await lookAt(existing) === undefined && dirname(existing) !== existing) {
      existing = dirname(existing);
    }
    const rest = relative(existing, wanted);
    try {
      return join(await Deno.realPath(existing), rest);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    // A link to nothing: what is written there would make its target.
    const folder = await Deno.realPath(dirname(existing));
    wanted = resolve(folder, await Deno.readLink(existing), rest);
  }
  throw new Error(`Cannot follow ${path}: its symbolic links lead in a circle`);
}

/**
 * Whether a path is a folder itself or lies below it; both absolute and without links.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([isInside("/a", "/a/b"), isInside("/a", "/ab")], [true, false]);
 * ```
 */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith("../") && !way.startsWith("..\\") &&
    !isAbsolute(way));
}
