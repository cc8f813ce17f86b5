import { readBounded } from "./read_bounded.ts";
import { writeAtomically } from "./write_atomically.ts";

/** Larger than any file of the lab. */
const MAX_BYTES = 2 ** 30;

/**
 * Copies a file that may have come from elsewhere.
 *
 * @returns False if there is no such file.
 * @throws {Error} As {@linkcode readBounded} and {@linkcode writeAtomically}.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a`, "text");
 * assertEquals(await copyFile(`${folder}/a`, `${folder}/b`), true);
 * assertEquals(await copyFile(`${folder}/none`, `${folder}/b`), false);
 * assertEquals(await Deno.readTextFile(`${folder}/b`), "text");
 * ```
 */
export async function copyFile(from: string, to: string): Promise<boolean> {
  const bytes = await readBounded(from, MAX_BYTES);
  if (bytes !== undefined) await writeAtomically(to, bytes);
  return bytes !== undefined;
}

/**
 * Copies files of a folder into another.
 *
 * @param names Files that are there.
 * @throws {Error} As {@linkcode copyFile}, or naming the one that is missing.
 * @example
 * ```ts
 * import { assertRejects } from "@trusted-ai-lab/lab/assert";
 * const folder = await Deno.makeTempDir();
 * await assertRejects(() => copyFiles(["a"], folder, `${folder}/b`), Error, "no such file");
 * ```
 */
export async function copyFiles(names: readonly string[], from: string, to: string): Promise<void> {
  for (const name of names) {
    if (await copyFile(`${from}/${name}`, `${to}/${name}`)) continue;
    throw new Error(`Cannot read ${from}/${name}: there is no such file`);
  }
}
