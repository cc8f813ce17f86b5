import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isInside, realPlace } from "./_real_place.ts";
import { PERMITTED_PLACES } from "./_write_error.ts";

/** The checkout that this module belongs to. */
export const projectFolder: string = dirname(
  dirname(dirname(fileURLToPath(import.meta.url))),
);

/** No output may be written to the place that was chosen; the message is one sentence for the user. */
export class PlaceRefused extends Error {
  override readonly name = "PlaceRefused";
}

/** Folders that permissions may name by a path with a link in it, as /tmp is one on macOS. */
const NAMED_FOLDERS = ["/tmp", projectFolder];

/** The spellings of a real place by which permissions may name it. */
async function spellings(real: string): Promise<string[]> {
  const found = [real];
  for (const folder of NAMED_FOLDERS) {
    const realFolder = await Deno.realPath(folder).catch(() => folder);
    if (isInside(realFolder, real)) found.push(join(folder, relative(realFolder, real)));
  }
  return found;
}

async function requireGranted(path: string, real: string): Promise<void> {
  const states = (await spellings(real))
    .map((spelling) => Deno.permissions.querySync({ name: "write", path: spelling }).state);
  if (states.includes("granted") && !states.includes("denied")) return;
  const way = real === resolve(path) ? "" : `it leads to ${real}, and `;
  throw new PlaceRefused(`Cannot write ${path}: ${way}${PERMITTED_PLACES}`);
}

/**
 * Requires that Deno's permissions allow writing where a folder really is. Deno compares the path as it
 * is spelled and then follows its symbolic links, so that a link inside an allowed folder would lead
 * out of it. A link that another process puts there between this look and the write is not seen: this
 * guards against links in folders that came from elsewhere, not against an attacker on this machine.
 *
 * @param path The folder; it may not exist yet.
 * @throws {PlaceRefused} Naming the path and where it leads, if that may not be written.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(await requirePermittedFolder(await Deno.makeTempDir()), undefined);
 * ```
 */
export async function requirePermittedFolder(path: string): Promise<void> {
  await requireGranted(path, await realPlace(path));
}

/**
 * Requires the same as {@linkcode requirePermittedFolder} of the place where a file has its name. What
 * the file itself may link to does not matter: the caller does not follow it.
 *
 * @param path The file; it may not exist yet.
 * @throws {PlaceRefused} Naming the path and where it leads, if that may not be written.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(await requirePermittedFile(`${await Deno.makeTempDir()}/a.txt`), undefined);
 * ```
 */
export async function requirePermittedFile(path: string): Promise<void> {
  await requireGranted(path, join(await realPlace(dirname(path)), basename(path)));
}
