import { JsonError, parseStrictJson } from "../format/strict_json.ts";
import { FileError } from "./file_error.ts";
import { readBounded } from "./read_bounded.ts";

/** Larger than any result: metrics of the full test splits take about a megabyte. */
const MAX_BYTES = 2 ** 26;

/**
 * Parses JSON of a file.
 *
 * @param path Names the file in errors.
 * @throws {FileError} Naming the file and the byte, if it is no UTF-8, no JSON, names a thing twice in
 * one object, or is nested too deeply.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(parseJsonFile(new TextEncoder().encode("[1]"), "a.json"), [1]);
 * ```
 */
export function parseJsonFile(bytes: Uint8Array, path: string, remedy = ""): unknown {
  const refuse = (place: string, what: string, cause: unknown) => {
    const message = `Cannot read ${path}: ${what} (at ${place})${remedy && `; ${remedy}`}`;
    return new FileError(message, { path, place, cause });
  };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw refuse("byte 0", "it is not UTF-8 text", error);
  }
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw refuse(`byte ${error.position}`, error.message, error);
  }
}

/**
 * Reads a JSON file of at most some size.
 *
 * @param path The file.
 * @param options.maxBytes Default 64 MiB.
 * @param options.remedy What to do about one that cannot be read. Default nothing.
 * @returns What it holds; `undefined` if there is no such file.
 * @throws {FileError} As {@linkcode readBounded} and {@linkcode parseJsonFile}.
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@trusted-ai-lab/lab/assert";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"a": 1}');
 * assertEquals(await readJson(path), { a: 1 });
 * await Deno.writeTextFile(path, '{"a": 1, "a": 2}');
 * await assertRejects(() => readJson(path), Error, "twice");
 * ```
 */
export async function readJson(
  path: string,
  { maxBytes = MAX_BYTES, remedy = "" }: {
    readonly maxBytes?: number;
    readonly remedy?: string;
  } = {},
): Promise<unknown> {
  const bytes = await readBounded(path, maxBytes);
  return bytes && parseJsonFile(bytes, path, remedy);
}
