import { join } from "node:path";
import { writeAtomically } from "../../files/write_atomically.ts";
import type { PinnedWheel } from "./pins.ts";
import type { SetupPaths } from "./paths.ts";
import { SetupFailure } from "./failure.ts";
import { pip } from "./python.ts";
import { fileDigest } from "../../files/file_digest.ts";
import { megabytes } from "../../format/megabytes.ts";

async function findWithHash(folder: string, wheel: PinnedWheel): Promise<string | undefined> {
  const begin = `${wheel.name.replaceAll("-", "_")}-`; // how a wheel's file name spells its package
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  for (const { name } of entries) {
    if (!name.startsWith(begin) || !name.endsWith(".whl")) continue;
    const path = join(folder, name);
    if (await fileDigest(path) === wheel.sha256) return path;
  }
  return undefined;
}

/**
 * Fetches a wheel with pip, whatever Python and platform pip itself runs on.
 *
 * @param show Told how much is there so far.
 * @param options Further options of `pip download`.
 * @returns Where the wheel lies. One that an interrupted set-up left behind is used again.
 * @throws {SetupFailure} If the index cannot be reached or delivers another file.
 */
export async function fetchWheel(
  paths: SetupPaths,
  wheel: PinnedWheel,
  show: (text: string) => void = () => {},
  options: readonly string[] = [],
): Promise<string> {
  const folder = join(paths.state, "wheels");
  await Deno.mkdir(folder, { recursive: true });
  const present = await findWithHash(folder, wheel);
  if (present) return present;
  const requirements = join(folder, `${wheel.name}.txt`);
  const specifier = `${wheel.name}==${wheel.version}`;
  await writeAtomically(requirements, `${specifier} --hash=sha256:${wheel.sha256}\n`);
  await pip(
    paths,
    "download",
    requirements,
    `${specifier} (${wheel.megabytes} MB)`,
    [
      ...options,
      `--python-version=${wheel.pythonVersion}`,
      ...wheel.tags.map((tag) => `--platform=${tag}`),
      `--dest=${folder}`,
    ],
    (bytes) => {
      show(`${megabytes(Math.min(bytes, wheel.megabytes * 1e6))} of ${wheel.megabytes} MB`);
    },
  );
  await Deno.remove(requirements);
  const fetched = await findWithHash(folder, wheel);
  if (!fetched) throw new SetupFailure(`pip left no ${specifier} wheel in ${folder}.`);
  return fetched;
}
