/**
 * `SHA256SUMS` of a finished run: what `sha256sum --check` reads. Numbers in a JSON file carry no
 * redundancy of their own; with it, a changed byte anywhere in a result is an error and not a number.
 */
import { dirname, join } from "node:path";
import { FileError } from "../../files/file_error.ts";
import { readBounded } from "../../files/read_bounded.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import { sha256 } from "../../format/sha256.ts";

/** The file's name. */
export const CHECKSUM_FILE = "SHA256SUMS";

const CHECKSUM_LINE = /^([0-9a-f]{64}) {2}([\w.-]+)$/;

/** Larger than any result file; one that is larger is not read. */
const MAX_BYTES = 2 ** 30;
/** Larger than any list. */
const MAX_LIST_BYTES = 2 ** 20;

/** Digest and size of a file; undefined if there is none. */
async function digestOf(path: string): Promise<{ hash: string; size: number } | undefined> {
  const bytes = await readBounded(path, MAX_BYTES);
  return bytes &&
    { hash: sha256(bytes), size: bytes.length };
}

/**
 * The lines of `SHA256SUMS` for some files of a directory.
 *
 * @param names Files that are there.
 * @throws {Error} If one is missing.
 */
export async function checksumLines(directory: string, names: readonly string[]): Promise<string> {
  const lines = await Promise.all(names.map(async (name) => {
    const digest = await digestOf(join(directory, name));
    if (digest === undefined) throw new Error(`Expected ${join(directory, name)} to be there`);
    return `${digest.hash}  ${name}\n`;
  }));
  return lines.join("");
}

/**
 * Writes the digests of some files of a directory into its `SHA256SUMS`.
 *
 * @param names Files that are there.
 * @throws {Error} If one is missing.
 */
export async function writeChecksums(directory: string, names: readonly string[]): Promise<void> {
  await writeAtomically(join(directory, CHECKSUM_FILE), await checksumLines(directory, names));
}

/** Whether a directory's `SHA256SUMS` lists a file, whatever else it lists. */
export async function isListed(directory: string, name: string): Promise<boolean> {
  const bytes = await readBounded(join(directory, CHECKSUM_FILE), MAX_LIST_BYTES);
  const lines = new TextDecoder().decode(bytes ?? new Uint8Array()).split("\n");
  return lines.some((line) => line.slice(66) === name);
}

/** Removes a directory's `SHA256SUMS`, before its files are made anew. */
export async function removeChecksums(directory: string): Promise<void> {
  try {
    await Deno.remove(join(directory, CHECKSUM_FILE));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Compares the files of a directory with its `SHA256SUMS`. A missing file is none of its business:
 * without it the run is not finished.
 *
 * @returns The names listed; `undefined` if there is no list.
 * @throws {FileError} Naming the file that differs, or the list, if it is damaged itself.
 */
export async function verifyChecksums(directory: string): Promise<Set<string> | undefined> {
  const list = join(directory, CHECKSUM_FILE);
  const bytes = await readBounded(list, MAX_LIST_BYTES);
  if (bytes === undefined) return undefined;
  const names = new Set<string>();
  for (const [k, entry] of new TextDecoder().decode(bytes).split("\n").slice(0, -1).entries()) {
    const [, expected, name] = CHECKSUM_LINE.exec(entry) ?? [];
    if (name === undefined) {
      throw refusal(list, `line ${k + 1}`, "it is not a list of SHA-256 digests");
    }
    const path = join(directory, name);
    const found = await digestOf(path);
    if (found !== undefined && found.hash !== expected) {
      const what = `it does not match its SHA-256 in ${CHECKSUM_FILE}`;
      throw refusal(path, `one of bytes 0 to ${found.size}`, what);
    }
    names.add(name);
  }
  return names;
}

/**
 * Requires that a directory's `SHA256SUMS` lists all of its results: one cut short must not pass.
 *
 * @param listed What {@linkcode verifyChecksums} found.
 * @param names The result files.
 * @throws {FileError} Naming the list and what it lacks.
 */
export function requireListed(
  directory: string,
  listed: ReadonlySet<string>,
  names: readonly string[],
): void {
  const lacking = names.filter((name) => !listed.has(name));
  if (lacking.length === 0) return;
  const place = `line ${listed.size + 1}`;
  throw refusal(join(directory, CHECKSUM_FILE), place, `it does not list ${lacking.join(", ")}`);
}

function refusal(path: string, place: string, what: string): FileError {
  return new FileError(
    `Cannot read ${path}: ${what} (at ${place}). Restore it, or delete ${
      dirname(path)
    } to make the ` +
      `run again.`,
    { path, place },
  );
}
