/**
 * A Python environment holds absolute paths, in the first lines of its scripts and in the kernel's
 * description. Set-up notes beside them where the environment lay, so that a copy is told from it.
 */
import { join } from "node:path";
import { writeAtomically } from "../../files/write_atomically.ts";
import { kernelDescription } from "./_kernel_description.ts";
import type { SetupPaths } from "./paths.ts";
import { runCommand } from "./run_command.ts";

const LONGEST_SCRIPT = 1 << 16;
const DIRECTLY = /^#!(.*)\n/;
const THROUGH_SHELL = /^#!\/bin\/sh\n'''exec' "?(.*?)"? "\$0" "\$@"\n' '''\n/;
const PRINT_VERSION = "import sys; print('%d.%d.%d' % sys.version_info[:3])";

const placeFile = ({ venv }: Pick<SetupPaths, "venv">) => join(venv, ".place");

/** Where the environment was made; undefined where there is none, or a half one. */
export async function notedPlace(paths: Pick<SetupPaths, "venv">): Promise<string | undefined> {
  return (await Deno.readTextFile(placeFile(paths)).catch(() => undefined))?.trimEnd();
}

/** Notes that the environment and all scripts in it are for this place. */
export async function notePlace(paths: Pick<SetupPaths, "venv">): Promise<void> {
  await writeAtomically(placeFile(paths), `${paths.venv}\n`);
}

/**
 * The first lines of a script that an interpreter runs, as pip writes them.
 *
 * @param interpreter Its absolute path.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(scriptHead("/p/bin/python"), "#!/p/bin/python\n");
 * assertEquals(scriptHead("/a b/python").split("\n")[0], "#!/bin/sh");
 * ```
 */
export function scriptHead(interpreter: string): string {
  // A system reads no spaces there, nor more than so many characters: the shell does.
  const plain = `#!${interpreter}\n`;
  if (!/\s/.test(interpreter) && new TextEncoder().encode(plain).length <= 127) return plain;
  return `#!/bin/sh\n'''exec' "${interpreter}" "$0" "$@"\n' '''\n`;
}

/** Whether a file of the environment may name its place. */
export function namesPlace(
  [path, size]: readonly [path: string, size: number, ...unknown[]],
): boolean {
  return size <= LONGEST_SCRIPT && !path.startsWith(".venv/lib/");
}

/** A script's text for another place; undefined where it names none. */
function moved(text: string, from: string, to: string): string | undefined {
  const lines = THROUGH_SHELL.exec(text) ?? DIRECTLY.exec(text);
  const interpreter = lines?.[1];
  if (!lines || !interpreter?.startsWith(`${from}/`)) return undefined;
  return scriptHead(to + interpreter.slice(from.length)) + text.slice(lines[0].length);
}

async function moveScripts(paths: SetupPaths, from: string): Promise<void> {
  const bin = join(paths.venv, "bin");
  for await (const { name, isFile } of Deno.readDir(bin)) {
    const path = join(bin, name);
    const { size, mode } = await Deno.lstat(path);
    if (!isFile || size > LONGEST_SCRIPT) continue;
    const text = moved(await Deno.readTextFile(path).catch(() => ""), from, paths.venv);
    if (text === undefined) continue;
    await writeAtomically(path, text);
    await Deno.chmod(path, (mode ?? 0o755) & 0o777);
  }
}

/** Writes Jupyter's description of the kernel, which names the kernel's Deno by its place. */
export async function describeKernel(paths: SetupPaths): Promise<void> {
  const text = JSON.stringify(kernelDescription(paths.kernelDeno), null, 2) + "\n";
  await writeAtomically(join(paths.kernel, "kernel.json"), text);
}

/**
 * Makes an environment that was copied or moved here work here.
 *
 * @param version The version of the Python that it was made with.
 * @returns Whether it does; otherwise it must be made anew.
 */
export async function moveEnvironment(paths: SetupPaths, version: string): Promise<boolean> {
  const from = await notedPlace(paths);
  const found = await runCommand(paths.python, ["-c", PRINT_VERSION]);
  const series = (text: string) => text.trim().split(".").slice(0, 2).join(".");
  if (from === undefined || !found?.success) return false;
  if (series(found.stdout) !== series(version)) return false;
  // Python's own module writes the settings and activation scripts; packages stay as they are.
  const made = await runCommand(paths.python, ["-m", "venv", "--without-pip", paths.venv]);
  if (!made?.success) return false;
  await moveScripts(paths, from);
  const kernel = await Deno.lstat(join(paths.kernel, "kernel.json")).catch(() => undefined);
  if (kernel) await describeKernel(paths);
  await notePlace(paths);
  return true;
}
