import { join } from "node:path";
import { SetupFailure } from "./failure.ts";
import { describeKernel } from "./_venv_place.ts";
import type { SetupPaths } from "./paths.ts";
import { DENO_WHEELS, thisPlatform } from "./pins.ts";
import { unpack } from "./python.ts";
import { fetchWheel } from "./_fetch_wheel.ts";

/**
 * Puts a Deno into the project's Python environment and describes it to Jupyter as the kernel
 * "deno". Nothing is written into the user's home.
 *
 * @returns Deno's version.
 * @throws {SetupFailure} Where there is no Deno wheel for the platform.
 */
export async function installKernel(
  paths: SetupPaths,
  show?: (text: string) => void,
): Promise<string> {
  const wheel = DENO_WHEELS[thisPlatform];
  if (!wheel) throw new SetupFailure(`There is no Deno wheel for ${thisPlatform}.`);
  const path = await fetchWheel(paths, wheel, show);
  await unpack(paths, path, join(paths.venv, "bin"), [
    [String.raw`deno-[^/]*\.data/scripts/deno`, "deno.part"],
  ]);
  await Deno.chmod(`${paths.kernelDeno}.part`, 0o755);
  await Deno.rename(`${paths.kernelDeno}.part`, paths.kernelDeno);
  await Deno.remove(path);
  await describeKernel(paths);
  return wheel.version;
}
