import { join, resolve } from "node:path";
import { SetupFailure } from "./failure.ts";
import type { SetupPaths } from "./paths.ts";

/** An installation into the environment was cut off. */
export class CutOff extends SetupFailure {}

const COMPILED = /\.py[co]$/; // Python writes these anew as it likes

const canonical = (name: string) => name.toLowerCase().replace(/[-_.]+/g, "-");

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return entries.map(({ name }) => name).sort();
}

/** The folder of the environment's packages. */
async function sitePackages({ venv }: SetupPaths): Promise<string> {
  const [version = "python3"] = (await namesIn(join(venv, "lib")))
    .filter((name) => name.startsWith("python"));
  return join(venv, "lib", version, "site-packages");
}

/** The first field of a line of RECORD, which is CSV. */
function recordedPath(line: string): string {
  const quoted = /^"((?:[^"]|"")*)"/.exec(line)?.[1];
  return quoted === undefined ? line.split(",", 1)[0]! : quoted.replaceAll(`""`, `"`);
}

/**
 * The files of Python packages, as the packages' own records list them.
 *
 * @param names The packages.
 * @returns Absolute paths, sorted.
 * @throws {CutOff} If a package lacks its record or a file: its installation was cut off.
 */
async function distributionFiles(
  paths: SetupPaths,
  names: ReadonlySet<string>,
): Promise<string[]> {
  const site = await sitePackages(paths);
  const files = new Set<string>();
  const found = new Set<string>();
  for (const name of await namesIn(site)) {
    const distribution = /^(.+?)-[^-]*\.dist-info$/.exec(name)?.[1];
    if (distribution === undefined || !names.has(canonical(distribution))) continue;
    const record = await Deno.readTextFile(join(site, name, "RECORD")).catch(() => "");
    if (record !== "") found.add(canonical(distribution));
    for (const line of record.split("\n").filter((line) => line.trim() !== "")) {
      const path = resolve(site, recordedPath(line));
      if (!COMPILED.test(path)) files.add(path);
    }
  }
  const absent = [...names].filter((name) => !found.has(name));
  for (const file of files) {
    if (!await Deno.lstat(file).catch(() => undefined)) absent.push(file);
  }
  if (absent.length > 0) throw new CutOff(`pip left ${absent[0]} incomplete in ${site}.`);
  return [...files].sort();
}

/**
 * The files that a file of pinned requirements puts into the environment.
 *
 * @throws {CutOff} As {@linkcode distributionFiles}.
 */
export async function requiredFiles(paths: SetupPaths, requirements: string): Promise<string[]> {
  const text = await Deno.readTextFile(requirements);
  const here = new Set<string>();
  const site = await namesIn(await sitePackages(paths));
  const installed = new Set(site.map((name) => canonical(name.replace(/-[^-]*\.dist-info$/, ""))));
  for (const [, name, marker] of text.matchAll(/^([A-Za-z0-9._-]+)==[^\s;]+ *(;[^\\\n]*)?/gm)) {
    // What a marker leaves out on this Python or platform is not there.
    if (marker === undefined || installed.has(canonical(name!))) here.add(canonical(name!));
  }
  return await distributionFiles(paths, here);
}

/** The files of a fresh environment: its settings, interpreter, activation scripts and pip. */
export async function environmentFiles(paths: SetupPaths): Promise<string[]> {
  const bin = join(paths.venv, "bin");
  const own = (await namesIn(bin)).filter((name) => /^(?:python|activate|Activate)/.test(name));
  const pip = await distributionFiles(paths, new Set(["pip"]));
  return [join(paths.venv, "pyvenv.cfg"), ...own.map((name) => join(bin, name)), ...pip];
}
