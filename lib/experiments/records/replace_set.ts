/** Files that belong together are replaced together, or not at all. */
import { join } from "node:path";
import { exists } from "../../files/exists.ts";
import { readBounded } from "../../files/read_bounded.ts";
import { withScratchFolder } from "../../files/scratch_folder.ts";
import { CHECKSUM_FILE, checksumLines } from "./checksums.ts";

/** Larger than any list. */
const MAX_LIST_BYTES = 2 ** 20;

/** Lines of a directory's list about files that are not among `names`. */
async function otherLines(directory: string, names: ReadonlySet<string>): Promise<string> {
  const bytes = await readBounded(join(directory, CHECKSUM_FILE), MAX_LIST_BYTES);
  const lines = new TextDecoder().decode(bytes ?? new Uint8Array()).split("\n");
  return lines.filter((line) => line !== "" && !names.has(line.slice(66)))
    .map((line) => `${line}\n`).join("");
}

/** Puts files in place by renaming, the former ones aside; an error puts all back. */
async function swap(from: string, to: string, names: readonly string[]): Promise<void> {
  const aside = join(from, "former");
  await Deno.mkdir(aside);
  const undo: (() => Promise<void>)[] = [];
  const move = async (source: string, target: string) => {
    await Deno.rename(source, target);
    undo.push(() => Deno.rename(target, source));
  };
  try {
    for (const name of names) {
      if (await exists(join(to, name))) await move(join(to, name), join(aside, name));
      await move(join(from, name), join(to, name));
    }
  } catch (error) {
    for (const back of undo.toReversed()) await back();
    throw error;
  }
}

/**
 * Writes files into a folder of their own beside their place, and only when all of them are on disk
 * puts them in place of the former ones, with their digests in `SHA256SUMS`. A full disk, an error or
 * a kill before that leaves the former set as it was; other files stay, with their digests.
 *
 * @param directory Made if it is not there.
 * @param write Writes the files into the folder that it is given.
 * @throws {Error} Naming the directory, if something could not be written.
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@trusted-ai-lab/lab/assert";
 * const directory = await Deno.makeTempDir();
 * const write = (text: string) => (folder: string) => Deno.writeTextFile(`${folder}/a`, text);
 * await replaceSet(directory, write("old"));
 * await assertRejects(() => replaceSet(directory, () => Promise.reject(new Error("full"))), Error);
 * assertEquals(await Deno.readTextFile(`${directory}/a`), "old");
 * assertEquals([...Deno.readDirSync(directory)].length, 2);
 * ```
 */
export async function replaceSet(
  directory: string,
  write: (folder: string) => Promise<void>,
): Promise<void> {
  try {
    await withScratchFolder(directory, async (folder) => {
      await write(folder);
      const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
      const lines = await checksumLines(folder, names);
      const list = await otherLines(directory, new Set(names)) + lines;
      await Deno.writeTextFile(join(folder, CHECKSUM_FILE), list);
      await swap(folder, directory, [...names, CHECKSUM_FILE]);
    });
  } catch (error) {
    if (error instanceof DOMException) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}. The files in ${directory} are as they were`, { cause: error });
  }
}
