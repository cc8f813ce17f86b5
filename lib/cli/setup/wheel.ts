import { join } from "node:path";
import type { PinnedWheel } from "./pins.ts";
import type { SetupPaths } from "./paths.ts";
import { fileHash } from "./file_hash.ts";
import { SetupFailure } from "./failure.ts";
import { megabytes } from "./progress.ts";
import { pip } from "./python.ts";

async function findWithHash(folder: string, sha256: string): Promise<string | undefined> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  for (const { name } of entries) {
    const path = join(folder, name);
    if (name.endsWith(".whl") && await fileHash(path) === sha256) return path;
  }
  return undefined;
}

/**
 * Fetches a wheel with pip, whatever Python and platform pip itself runs on.
 *
 * @param show Told how much is there so far.
 * @returns Where the wheel lies. One that an interrupted set-up left behind is used again.
 * @throws {SetupFailure} If the index cannot be reached or delivers another file.
 */
export async function fetchWheel(
  paths: SetupPaths,
  wheel: PinnedWheel,
  show: (text: string) => void = () => {},
): Promise<string> {
  const folder = join(paths.state, "wheels");
  await Deno.mkdir(folder, { recursive: true });
  const present = await findWithHash(folder, wheel.sha256);
  if (present) return present;
  const requirements = join(folder, `${wheel.name}.txt`);
  const specifier = `${wheel.name}==${wheel.version}`;
  await Deno.writeTextFile(requirements, `${specifier} --hash=sha256:${wheel.sha256}\n`);
  await pip(
    paths,
    [
      "download",
      "--quiet",
      "--no-deps",
      "--only-binary=:all:",
      `--python-version=${wheel.pythonVersion}`,
      ...wheel.tags.map((tag) => `--platform=${tag}`),
      "--require-hashes",
      `--requirement=${requirements}`,
      `--dest=${folder}`,
    ],
    `${specifier} (${wheel.megabytes} MB)`,
    (bytes) => {
      show(`${megabytes(Math.min(bytes, wheel.megabytes * 1e6))} of ${wheel.megabytes} MB`);
    },
  );
  await Deno.remove(requirements);
  const fetched = await findWithHash(folder, wheel.sha256);
  if (!fetched) throw new SetupFailure(`pip left no ${specifier} wheel in ${folder}.`);
  return fetched;
}
