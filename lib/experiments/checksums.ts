/**
 * `SHA256SUMS` of a finished run: what `sha256sum --check` reads. Numbers in a JSON file carry no
 * redundancy of their own; with it, a changed byte anywhere in a result is an error and not a figure.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAtomically } from "../files/write_atomically.ts";

/** The file's name. */
export const checksumFile = "SHA256SUMS";

const line = /^([0-9a-f]{64}) {2}([\w.-]+)$/;

async function digestOf(path: string): Promise<string | undefined> {
  try {
    return createHash("sha256").update(await Deno.readFile(path)).digest("hex");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Writes the digests of some files of a directory into its `SHA256SUMS`.
 *
 * @param names Files that are there.
 * @throws {Error} If one is missing.
 */
export async function writeChecksums(directory: string, names: readonly string[]): Promise<void> {
  const lines = await Promise.all(names.map(async (name) => {
    const digest = await digestOf(join(directory, name));
    if (digest === undefined) throw new Error(`Expected ${join(directory, name)} to be there`);
    return `${digest}  ${name}\n`;
  }));
  await writeAtomically(join(directory, checksumFile), lines.join(""));
}

/** Removes a directory's `SHA256SUMS`, before its files are made anew. */
export async function removeChecksums(directory: string): Promise<void> {
  try {
    await Deno.remove(join(directory, checksumFile));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Compares the files of a directory with its `SHA256SUMS`, where there is one. A missing file is
 * none of its business: without it the run is not finished.
 *
 * @throws {Error} Naming the file that differs, or the list, if it is damaged itself.
 */
export async function verifyChecksums(directory: string): Promise<void> {
  const list = join(directory, checksumFile);
  let text: string;
  try {
    text = await Deno.readTextFile(list);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new Error(`Cannot read ${list}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  for (const entry of text.split("\n").slice(0, -1)) {
    const [, expected, name] = line.exec(entry) ?? [];
    if (name === undefined) {
      throw new Error(
        `Cannot read ${list}: it is no list of SHA-256 digests. ${remedy(directory)}`,
      );
    }
    const found = await digestOf(join(directory, name));
    if (found !== undefined && found !== expected) {
      throw new Error(
        `Cannot read ${join(directory, name)}: it does not match its SHA-256 in ${checksumFile}. ` +
          remedy(directory),
      );
    }
  }
}

function remedy(directory: string): string {
  return `Restore it, or delete ${directory} to make the run again.`;
}
