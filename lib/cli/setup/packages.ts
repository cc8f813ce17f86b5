/**
 * The npm packages. Nothing here imports one: set-up must be able to install those that it needs
 * itself.
 */
import { join } from "node:path";
import { fingerprintOf } from "./parts.ts";
import { SetupFailure } from "./failure.ts";
import { damagedFiles } from "./_installed_file.ts";
import { packageFiles, packagesOf, packageStore } from "./_package_files.ts";
import type { SetupPaths } from "./paths.ts";
import { lastLines, runCommand } from "./run_command.ts";
import { readStamp, renewStamp, writeStamp } from "./stamp.ts";

async function denoInstall(
  paths: SetupPaths,
  deno: string,
  ...options: string[]
): Promise<void> {
  const result = await runCommand(deno, ["install", ...options], { cwd: paths.root });
  const there = await Deno.stat(join(paths.tfjsNode, "package.json")).catch(() => undefined);
  if (result?.success && there) return;
  const output = result?.output ?? "";
  if (/permission denied|read-only file system|os error (?:13|30)\b/i.test(output)) {
    throw new SetupFailure(
      "Deno cannot write its cache or this project's node_modules: set DENO_DIR to a folder that may be " +
        `written, and make ${paths.root} writable, then run this again.\n${lastLines(output, 3)}`,
    );
  }
  throw new SetupFailure(
    "The npm packages cannot be installed: allow HTTPS to the npm registry, or name a mirror in " +
      `NPM_CONFIG_REGISTRY, then run this again.\n${lastLines(output, 3)}`,
  );
}

/**
 * Installs what is missing. A package with a damaged file is fetched again: Deno's cache and the
 * project can share a file, so that both are damaged.
 *
 * @param options.damaged Files that are not what they were, relative to the project.
 * @param options.anew Whether to fetch every package again.
 * @param options.deno The Deno that installs. Default this process's.
 * @throws {SetupFailure} Saying what to allow.
 */
export async function installPackages(
  paths: SetupPaths,
  { damaged = [], anew = false, deno = Deno.execPath() }: {
    readonly damaged?: readonly string[];
    readonly anew?: boolean;
    readonly deno?: string;
  } = {},
): Promise<void> {
  const store = packageStore(paths);
  if (anew) {
    await Deno.remove(join(paths.root, "node_modules"), { recursive: true }).catch(() => {});
    return await denoInstall(paths, deno, "--reload=npm:");
  }
  const packages = packagesOf(damaged);
  for (const { folder } of packages) {
    await Deno.remove(join(store, folder), { recursive: true }).catch(() => {});
  }
  if (damaged.length > 0) { // without it, Deno takes links for present that are not
    await Deno.remove(join(store, ".setup-cache.bin")).catch(() => {});
  }
  const names = packages.map(({ name }) => `npm:${name}`);
  await denoInstall(paths, deno, ...(names.length > 0 ? [`--reload=${names.join(",")}`] : []));
}

/**
 * Repairs the packages and writes their stamp; for set-up's own start, which needs some of them.
 *
 * @returns Whether anything was installed.
 * @throws {SetupFailure} As {@linkcode installPackages}.
 */
export async function repairPackages(paths: SetupPaths): Promise<boolean> {
  const fingerprint = await fingerprintOf("packages", paths, "auto");
  const stamp = await readStamp(paths.state, "packages");
  const known = stamp?.fingerprint === fingerprint ? stamp : undefined;
  const damaged = known ? damagedFiles(paths.root, known.files) : [];
  if (known && damaged.length === 0) {
    await renewStamp(paths, "packages", known);
    return false;
  }
  await installPackages(paths, { damaged });
  await writeStamp(paths, "packages", fingerprint, await packageFiles(paths));
  return true;
}
