import { join } from "node:path";
import { requirePermittedFolder } from "./require_permitted.ts";

/**
 * Calls with a new folder that is removed afterwards, also after an error. It lies in a folder where
 * the task may write; the system's folder for temporary files may be any.
 *
 * @param parent Made if it is not there.
 * @param use Is given the new folder's path.
 * @returns What `use` returns.
 * @throws {Error} If the parent cannot be written, or leads to where it may not be.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const parent = await Deno.makeTempDir();
 * await withScratchFolder(parent, (folder) => Deno.writeTextFile(`${folder}/a.txt`, "text"));
 * assertEquals([...Deno.readDirSync(parent)], []);
 * ```
 */
export async function withScratchFolder<T>(
  parent: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  await requirePermittedFolder(parent);
  await Deno.mkdir(parent, { recursive: true });
  const folder = join(parent, `.scratch-${crypto.randomUUID()}`);
  await Deno.mkdir(folder);
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
