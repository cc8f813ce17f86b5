import { join } from "node:path";
import { writeAtomically } from "../../files/write_atomically.ts";
import {
  damagedFiles,
  type InstalledFile,
  installedFile,
  isInstalledFile,
  sameFile,
  seemWhole,
} from "./_installed_file.ts";
import type { SetupPaths } from "./paths.ts";

/** The record of a finished part of set-up. It names nothing by where the project lies. */
export interface Stamp {
  readonly schema: 2;
  /** Everything that the finished work depends on; another fingerprint means it must be redone. */
  readonly fingerprint: string;
  /** What was installed, for people. */
  readonly detail: Readonly<Record<string, string>>;
  readonly files: readonly InstalledFile[];
}

/** Where stamps lie, and the project whose files they name. */
export type StampPlace = Pick<SetupPaths, "root" | "state">;

const stampFile = (folder: string, part: string) => join(folder, `${part}.json`);

/** Checked by hand: stamps are read before there are any packages. */
function isStamp(value: unknown): value is Stamp {
  const { schema, fingerprint, files, detail } = (value ?? {}) as Partial<Record<string, unknown>>;
  return schema === 2 && typeof fingerprint === "string" &&
    Array.isArray(files) && files.every(isInstalledFile) &&
    typeof detail === "object" && detail !== null &&
    Object.values(detail).every((text) => typeof text === "string");
}

/** Reads a stamp without checking what it says. */
export async function readStamp(folder: string, part: string): Promise<Stamp | undefined> {
  try {
    const stamp: unknown = JSON.parse(await Deno.readTextFile(stampFile(folder, part)));
    return isStamp(stamp) ? stamp : undefined;
  } catch {
    return undefined; // no stamp, or one of another version
  }
}

/**
 * Reads the stamp of a part of set-up and checks, without reading them, that the files it names are as
 * they were.
 *
 * @param place The project.
 * @param part The part's name.
 * @param fingerprint What the stamp must have been made from.
 * @returns The stamp, or undefined where the part must be looked at or done (again).
 */
export async function validStamp(
  { root, state }: StampPlace,
  part: string,
  fingerprint: string,
): Promise<Stamp | undefined> {
  const stamp = await readStamp(state, part);
  const valid = stamp?.fingerprint === fingerprint && seemWhole(root, stamp.files);
  return valid ? stamp : undefined;
}

/** As {@linkcode validStamp}, but reads the files and compares their hashes. */
export async function wholeStamp(
  { root, state }: StampPlace,
  part: string,
  fingerprint: string,
): Promise<Stamp | undefined> {
  const stamp = await readStamp(state, part);
  const whole = stamp?.fingerprint === fingerprint && damagedFiles(root, stamp.files).length === 0;
  return whole ? stamp : undefined;
}

/**
 * Records that a part of set-up is finished.
 *
 * @param place The project.
 * @param part The part's name.
 * @param fingerprint What it was made from.
 * @param paths Files and links that must stay as they are now.
 * @param detail What was installed, for people.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const root = await Deno.makeTempDir();
 * const place = { root, state: `${root}/state` };
 * await Deno.writeTextFile(`${root}/library.so`, "1234");
 * await writeStamp(place, "part", "a", [`${root}/library.so`]);
 * assertEquals((await validStamp(place, "part", "a"))?.files[0]?.[0], "library.so");
 * assertEquals(await validStamp(place, "part", "b"), undefined);
 * await Deno.remove(`${root}/library.so`);
 * assertEquals(await validStamp(place, "part", "a"), undefined);
 * ```
 */
export async function writeStamp(
  place: StampPlace,
  part: string,
  fingerprint: string,
  paths: readonly string[],
  detail: Readonly<Record<string, string>> = {},
): Promise<void> {
  const files = paths.map((path) => installedFile(place.root, path));
  await write(place, part, { schema: 2, fingerprint, detail, files });
}

async function write({ state }: StampPlace, part: string, stamp: Stamp): Promise<void> {
  const { files, ...rest } = stamp;
  const head = JSON.stringify(rest).slice(0, -1);
  const lines = files.map((file) => `\n${JSON.stringify(file)}`).join(",");
  await writeAtomically(stampFile(state, part), `${head},"files":[${lines}\n]}\n`);
}

/**
 * Writes the stamp of files that were just found to be whole, but have other times of change.
 *
 * @param isRewritten Tells files whose content was changed on purpose; default none.
 */
export async function renewStamp(
  place: StampPlace,
  part: string,
  stamp: Stamp,
  isRewritten: (file: InstalledFile) => boolean = () => false,
): Promise<void> {
  const { root } = place;
  const files = stamp.files.map((file) =>
    isRewritten(file) ? installedFile(root, join(root, file[0])) : sameFile(root, file)
  );
  await write(place, part, { ...stamp, files });
}

/** Forgets a part, so that it is done again whatever happens to this process. */
export async function removeStamp(folder: string, part: string): Promise<void> {
  await Deno.remove(stampFile(folder, part)).catch(() => {});
}
