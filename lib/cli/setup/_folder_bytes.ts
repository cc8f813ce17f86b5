import { join } from "node:path";

/**
 * The size of all files in a folder and below; links count nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const folder = await Deno.makeTempDir();
 * await Deno.mkdir(`${folder}/a`);
 * await Deno.writeTextFile(`${folder}/a/b`, "1234");
 * assertEquals(await folderBytes(folder), 4);
 * ```
 */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) bytes += await folderBytes(path);
    else if (entry.isFile) bytes += (await Deno.stat(path)).size;
  }
  return bytes;
}
