import { dirname } from "node:path";
import { writeError } from "./write_error.ts";

/**
 * Writes a file so that a reader never sees half of it: to a temporary name in the same folder,
 * flushed to disk, then renamed. Missing parent folders are created.
 *
 * @param path Where the file shall be.
 * @param content Text (UTF-8) or bytes.
 * @throws {Error} Naming the path, if the folder cannot be written.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const path = `${await Deno.makeTempDir()}/a/b.txt`;
 * await writeAtomically(path, "text");
 * assertEquals(await Deno.readTextFile(path), "text");
 * ```
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
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
