import { join } from "node:path";
import { writeAtomically } from "../../files/write_atomically.ts";

/** The record of a finished part of set-up. */
export interface Stamp {
  readonly schema: 1;
  /** Everything that the finished work depends on; another fingerprint means it must be redone. */
  readonly fingerprint: string;
  /** Files that must still be there, with their sizes. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** What was installed, for people. */
  readonly detail: Readonly<Record<string, string>>;
}

/** Checked by hand: stamps are read before there are any packages. */
function isStamp(value: unknown): value is Stamp {
  const { schema, fingerprint, files, detail } = (value ?? {}) as Partial<Record<string, unknown>>;
  const isFile = (file: unknown) => {
    const { path, size } = (file ?? {}) as Partial<Record<string, unknown>>;
    return typeof path === "string" && typeof size === "number";
  };
  return schema === 1 && typeof fingerprint === "string" &&
    Array.isArray(files) && files.every(isFile) &&
    typeof detail === "object" && detail !== null &&
    Object.values(detail).every((text) => typeof text === "string");
}

/**
 * Reads the stamp of a part of set-up and checks that what it names is still there.
 *
 * @param folder The folder of the stamps.
 * @param part The part's name.
 * @param fingerprint What the stamp must have been made from.
 * @returns The stamp, or undefined where the part must be done (again).
 */
export async function validStamp(
  folder: string,
  part: string,
  fingerprint: string,
): Promise<Stamp | undefined> {
  const stamp = await readStamp(folder, part);
  if (stamp?.fingerprint !== fingerprint) return undefined;
  for (const { path, size } of stamp.files) {
    const found = await Deno.stat(path).catch(() => undefined);
    if (found?.size !== size) return undefined;
  }
  return stamp;
}

/** Reads a stamp without checking it. */
export async function readStamp(folder: string, part: string): Promise<Stamp | undefined> {
  try {
    const stamp: unknown = JSON.parse(await Deno.readTextFile(join(folder, `${part}.json`)));
    return isStamp(stamp) ? stamp : undefined;
  } catch {
    return undefined; // no stamp, or one of another version: the part is done again
  }
}

/**
 * Records that a part of set-up is finished.
 *
 * @param folder The folder of the stamps.
 * @param part The part's name.
 * @param fingerprint What it was made from.
 * @param paths Files whose presence and size a later check verifies.
 * @param detail What was installed, for people.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/library`, "1234");
 * await writeStamp(folder, "part", "a", [`${folder}/library`]);
 * assertEquals((await validStamp(folder, "part", "a"))?.files[0]?.size, 4);
 * assertEquals(await validStamp(folder, "part", "b"), undefined);
 * await Deno.remove(`${folder}/library`);
 * assertEquals(await validStamp(folder, "part", "a"), undefined);
 * ```
 */
export async function writeStamp(
  folder: string,
  part: string,
  fingerprint: string,
  paths: readonly string[],
  detail: Record<string, string> = {},
): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => ({ path, size: (await Deno.stat(path)).size })),
  );
  const stamp: Stamp = { schema: 1, fingerprint, files, detail };
  await writeAtomically(join(folder, `${part}.json`), JSON.stringify(stamp, null, 2) + "\n");
}
