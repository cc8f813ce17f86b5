import { FileError } from "./file_error.ts";

/**
 * Reads a whole file of at most some size; its size is looked at before anything is allocated.
 *
 * @param path The file.
 * @param maxBytes Largest size in bytes, >= 0.
 * @returns The file's bytes; `undefined` if there is no such file.
 * @throws {FileError} If it is larger, no ordinary file (a pipe would never end), or unreadable.
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@trusted-ai-lab/lab/assert";
 * const path = await Deno.makeTempFile();
 * await Deno.writeFile(path, Uint8Array.of(1, 2, 3));
 * assertEquals(await readBounded(path, 3), Uint8Array.of(1, 2, 3));
 * await assertRejects(() => readBounded(path, 2), Error, "3 bytes");
 * ```
 */
export async function readBounded(
  path: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) {
      throw new FileError(`Expected ${path} to be a file but found something else`, { path });
    }
    if (size > maxBytes) {
      const message = `Cannot read ${path}: it has ${size} bytes, more than the ${maxBytes} that ` +
        `such a file may have (at byte ${maxBytes})`;
      throw new FileError(message, { path, place: `byte ${maxBytes}` });
    }
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof FileError) throw error;
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileError(`Cannot read ${path}: ${reason}`, { path, cause: error });
  }
}
