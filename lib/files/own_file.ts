/**
 * Files that are written in place, unlike those of {@linkcode writeAtomically}. An open follows a
 * symbolic link, and shares a file that has a second name: either would change a file elsewhere, if
 * a folder came with such a link under the name that the lab is about to write.
 */
import { dirname } from "node:path";
import { lookAt } from "./_real_place.ts";
import { requirePermittedFile } from "./require_permitted.ts";
import { writeAtomically } from "./write_atomically.ts";

/**
 * Opens a file to write on in it; made where it is not there. One that has a second name elsewhere (a
 * hard link) is first replaced by a copy.
 *
 * @param path In a folder that is there.
 * @returns The open file, at its start.
 * @throws {Error} Naming the path, if it is a symbolic link or no file.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a`, "1");
 * await Deno.link(`${folder}/a`, `${folder}/b`);
 * {
 *   using file = await openOwnFile(`${folder}/b`);
 *   await file.write(new TextEncoder().encode("2"));
 * }
 * assertEquals(await Deno.readTextFile(`${folder}/a`), "1");
 * ```
 */
export async function openOwnFile(path: string): Promise<Deno.FsFile> {
  await requirePermittedFile(path);
  const found = await lookAt(path);
  if (found === undefined) return await Deno.open(path, { write: true, createNew: true });
  if (!found.isFile) {
    const kind = found.isSymlink ? `a symbolic link to ${await Deno.readLink(path)}` : "no file";
    throw new Error(`Cannot write ${path}: it is ${kind}; remove it, then try again`);
  }
  if ((found.nlink ?? 1) > 1) await writeAtomically(path, await Deno.readFile(path));
  return await Deno.open(path, { write: true });
}

/**
 * Opens a new, empty file; a file or link that has its name is removed, and not what it leads to.
 *
 * @param path In a folder that is there.
 * @throws {Error} If a folder has that name.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a`, "1");
 * await Deno.symlink("a", `${folder}/b`);
 * (await openNewFile(`${folder}/b`)).close();
 * assertEquals(await Deno.readTextFile(`${folder}/a`), "1");
 * ```
 */
export async function openNewFile(path: string): Promise<Deno.FsFile> {
  await requirePermittedFile(path);
  if (await lookAt(path) !== undefined) await Deno.remove(path);
  return await Deno.open(path, { write: true, createNew: true });
}

/**
 * Appends a text to a file; missing folders are made.
 *
 * @throws {Error} As {@linkcode openOwnFile}.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const path = `${await Deno.makeTempDir()}/logs/a.log`;
 * await appendText(path, "one\n");
 * await appendText(path, "two\n");
 * assertEquals(await Deno.readTextFile(path), "one\ntwo\n");
 * ```
 */
export async function appendText(path: string, text: string): Promise<void> {
  await requirePermittedFile(path);
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await openOwnFile(path);
  await file.seek(0, Deno.SeekMode.End);
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}
