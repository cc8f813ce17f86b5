import { FileError } from "./file_error.ts";
import { isAbsent, ownFolder, requireOrdinary, unreadable } from "./_ordinary_file.ts";
import { ordinaryFile } from "./ordinary_file.ts";

function requireSize(path: string, size: number, maxBytes: number): void {
  if (size <= maxBytes) return;
  const message = `Cannot read ${path}: it has ${size} bytes, more than the ${maxBytes} that ` +
    `such a file may have (at byte ${maxBytes})`;
  throw new FileError(message, { path, place: `byte ${maxBytes}` });
}

/**
 * Reads a whole file of at most some size; what it is and its size are looked at before it is opened
 * and anything is allocated. A file that grows meanwhile is read as far as it went.
 *
 * @param path The file.
 * @param maxBytes Largest size in bytes, >= 0.
 * @param options.within As in {@linkcode ordinaryFile}. Default: the file's own folder.
 * @returns The file's bytes; `undefined` if there is no such file.
 * @throws {FileError} If it is larger, no ordinary file (a pipe would never end), a link out of its
 * folder, or unreadable.
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
  options: { readonly within?: string } = {},
): Promise<Uint8Array | undefined> {
  const info = await ordinaryFile(path, options);
  if (info === undefined) return undefined;
  requireSize(path, info.size, maxBytes);
  try {
    using file = await Deno.open(path);
    const bytes = new Uint8Array(info.size);
    let filled = 0;
    while (filled < bytes.length) {
      const count = await file.read(bytes.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * Reads a text of UTF-8 at once, as {@linkcode readBounded} does.
 *
 * @throws {FileError} As {@linkcode readBounded}, or if it is not UTF-8.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "abc");
 * assertEquals(readTextBoundedSync(path, 3), "abc");
 * ```
 */
export function readTextBoundedSync(path: string, maxBytes: number): string | undefined {
  try {
    const info = Deno.statSync(path);
    const real = { file: Deno.realPathSync(path), folder: Deno.realPathSync(ownFolder(path)) };
    requireOrdinary(path, info, real);
    requireSize(path, info.size, maxBytes);
    return new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(path));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw unreadable(path, error);
  }
}
