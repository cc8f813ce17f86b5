import { dirname } from "node:path";
import { requirePermittedFile } from "./require_permitted.ts";
import { writeError } from "./_write_error.ts";

/**
 * Writes a file so that a reader never sees half of it: to a temporary name in the same folder,
 * flushed to disk, then renamed. Missing parent folders are created. A symbolic link at the path itself
 * is replaced, and what it leads to stays; links among the folders are followed to where this process
 * may write.
 *
 * @param path The file.
 * @param content Text (UTF-8) or bytes.
 * @throws {Error} Naming the path, if the folder cannot be written or leads to where it may not be.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const path = `${await Deno.makeTempDir()}/a/b.txt`;
 * await writeAtomically(path, "text");
 * assertEquals(await Deno.readTextFile(path), "text");
 * ```
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await requirePermittedFile(path);
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    using file = await Deno.open(temporary, { write: true, createNew: true });
    for (let written = 0; written < bytes.length;) {
      written += await file.write(bytes.subarray(written));
    }
    await file.sync();
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw writeError(path, error);
  }
}
