import { FileError } from "../files/file_error.ts";
import { readBounded } from "../files/read_bounded.ts";
import type { Split } from "./dataset.ts";
import { sha256 } from "../format/sha256.ts";

/** Larger than a list of all images of a dataset. */
const MAX_BYTES = 2 ** 22;
const HEADER = "split,sha256_prefix,label";
const ENTRY = /^(train|test),([0-9a-f]{16}),([0-9])$/;

/**
 * Reads a list of images: a CSV with each image's split, the first 16 digits of the SHA-256 of its
 * pixels, and its label.
 *
 * @param path The file.
 * @param digest SHA-256 of its lines, each ending in "\n".
 * @returns Prefix and label of each image in order, by split.
 * @throws {FileError} Naming the file and the line, if it is missing, malformed or another list.
 * @example
 * ```ts
 * import { createHash } from "node:crypto";
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const text = "split,sha256_prefix,label\ntrain,00112233445566aa,7\n";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, text);
 * const list = await readImageList(path, createHash("sha256").update(text).digest("hex"));
 * assertEquals(list, { train: ["00112233445566aa 7"], test: [] });
 * ```
 */
export async function readImageList(
  path: string,
  digest: string,
): Promise<Record<Split, string[]>> {
  const refuse = (place: string, what: string): FileError =>
    new FileError(`Cannot read ${path}: ${what} (at ${place}); restore it`, { path, place });
  const bytes = await readBounded(path, MAX_BYTES);
  if (bytes === undefined) throw refuse("byte 0", "there is no such file");
  const text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n"); // as git may check it out
  const lines = text.split("\n");
  if (lines[0] !== HEADER) throw refuse("line 1", `it does not begin with "${HEADER}"`);
  if (lines.pop() !== "") throw refuse(`line ${lines.length + 1}`, "its last line is not complete");
  const images: Record<Split, string[]> = { train: [], test: [] };
  for (const [k, entry] of lines.entries()) {
    if (k === 0) continue;
    const [, split, prefix, label] = ENTRY.exec(entry) ?? [];
    if (split === undefined) throw refuse(`line ${k + 1}`, "it is no split, hash and label");
    images[split as Split].push(`${prefix} ${label}`);
  }
  if (sha256(text) !== digest) {
    throw refuse(`one of lines 1 to ${lines.length}`, "it does not match its SHA-256");
  }
  return images;
}
