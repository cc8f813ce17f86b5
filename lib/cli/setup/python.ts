import { fileURLToPath } from "node:url";
import { SetupFailure } from "./failure.ts";
import { folderBytes } from "./_folder_bytes.ts";
import type { SetupPaths } from "./paths.ts";
import { notePlace } from "./_venv_place.ts";
import { withTemporaryFolder } from "./_temporary_folder.ts";
import { noSpace } from "./_room.ts";
import { lastLines, runCommand } from "./run_command.ts";

const OLDEST = [3, 9] as const;
const NAMES = ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"];
const PRINT_VERSION = "import sys; print('%d.%d.%d' % sys.version_info[:3])";

/**
 * Finds a Python that is new enough.
 *
 * @param names Programs to try in order. Default `$PYTHON`, then the usual names.
 * @returns The first that works, with its version.
 * @throws {SetupFailure} Naming what was found and what to install.
 */
export async function findPython(
  names: readonly string[] = [Deno.env.get("PYTHON"), ...NAMES].filter((name) =>
    name !== undefined
  ),
): Promise<{ program: string; version: string }> {
  const tooOld: string[] = [];
  for (const program of names) {
    const result = await runCommand(program, ["-c", PRINT_VERSION]);
    if (!result?.success) continue;
    const version = result.stdout.trim();
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
      return { program, version };
    }
    tooOld.push(`${program} is ${version}`);
  }
  throw new SetupFailure(
    `Python ${OLDEST.join(".")} or newer is needed but ${
      tooOld.length ? `only an older one was found (${tooOld.join(", ")})` : "none was found"
    }: install it (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install ` +
      "python), or set PYTHON to where it is.",
  );
}

/**
 * Creates the project's Python environment.
 *
 * @returns The version of its Python.
 * @throws {SetupFailure} If there is no usable Python or its venv module is incomplete.
 */
export async function createVenv(paths: SetupPaths): Promise<string> {
  const { program, version } = await findPython();
  const result = await withTemporaryFolder(
    paths,
    (env) =>
      runCommand(program, ["-m", "venv", "--clear", paths.venv], { env, supervisor: program }),
  );
  if (!result?.success) {
    const reason = result?.output ?? "";
    throw new SetupFailure(
      /No space left/.test(reason)
        ? noSpace(paths)
        : /ensurepip|No module named venv/.test(reason)
        ? `The venv module of Python ${version} is incomplete: install it (Debian, Ubuntu: apt-get ` +
          "install python3-venv), then run this again."
        : `Python ${version} cannot create ${paths.venv}: ${lastLines(reason, 2)}`,
    );
  }
  await notePlace(paths);
  return version;
}

const OTHER_HASH = /DO NOT MATCH THE HASHES/i;

const PIP_SETTINGS = {
  PIP_USER: "0",
  PIP_REQUIRE_VIRTUALENV: "0",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
  PIP_NO_INPUT: "1",
} as const;

/** What holds for all that pip fetches here. */
const PINNED = [
  "--quiet",
  "--require-hashes",
  // The files list everything that their packages need. Left to look for that itself, pip before 23.3
  // takes the newest release of what an extra asks for, and then refuses it: no hash is pinned.
  "--no-deps",
  "--only-binary=:all:",
];

/**
 * Installs or downloads pinned wheels with the pip of the project's Python environment, which keeps
 * the user's own pip configuration.
 *
 * @param requirements A file of requirements with hashes; what they depend on must stand in it too.
 * @param what What is being fetched, for errors.
 * @param options Further options of pip.
 * @param onBytes Told how much lies in pip's temporary folder, copies included.
 * @throws {SetupFailure} Saying what to install or allow.
 */
export async function pip(
  paths: SetupPaths,
  command: "install" | "download",
  requirements: string,
  what: string,
  options: readonly string[] = [],
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  const args = ["-m", "pip", command, ...PINNED, ...options, `--requirement=${requirements}`];
  const run = (...more: string[]) =>
    withTemporaryFolder(paths, async (temporary) => {
      const timer = setInterval(async () => {
        const bytes = await folderBytes(temporary.TMPDIR).catch(() => 0); // pip deletes as it goes
        if (bytes > 0) onBytes(bytes);
      }, 500);
      try {
        const env = { ...PIP_SETTINGS, ...temporary };
        return await runCommand(paths.python, [...args, ...more], {
          env,
          supervisor: paths.python,
        });
      } finally {
        clearInterval(timer);
      }
    });
  let result = await run();
  // A damaged file in pip's own cache has another hash, too: the index is asked once more.
  if (OTHER_HASH.test(result?.output ?? "")) result = await run("--no-cache-dir");
  if (!result?.success) throw pipFailure(paths, what, result?.output ?? "python is missing");
}

function pipFailure(paths: SetupPaths, what: string, output: string): SetupFailure {
  if (/No space left/i.test(output)) return new SetupFailure(noSpace(paths));
  if (OTHER_HASH.test(output)) {
    return new SetupFailure(
      `The package index delivered another file than the pinned one for ${what}: use an index that ` +
        `mirrors PyPI unchanged (PIP_INDEX_URL).\n${lastLines(output)}`,
    );
  }
  if (
    /connection|name resolution|timed out|timeout|unreachable|ProxyError|SSLError/i.test(output)
  ) {
    return new SetupFailure(
      `The Python package index cannot be reached for ${what}: allow HTTPS to PyPI, or name a mirror ` +
        `or proxy in PIP_INDEX_URL or HTTPS_PROXY, then run this again.\n${lastLines(output, 2)}`,
    );
  }
  return new SetupFailure(`pip cannot fetch ${what}: ${lastLines(output)}`);
}

/**
 * Unpacks members of an archive with `unpack.py`.
 *
 * @param python The interpreter.
 * @param archive A wheel or tar.gz.
 * @param folder Where to.
 * @param rules `[pattern, target]` pairs, see `unpack.py`.
 * @throws {SetupFailure} If the archive is damaged, lacks a member, or the disk is full.
 */
export async function unpack(
  paths: SetupPaths,
  archive: string,
  folder: string,
  rules: readonly (readonly [pattern: string, target: string])[],
): Promise<void> {
  const script = fileURLToPath(new URL("./unpack.py", import.meta.url));
  const args = [script, archive, folder, ...rules.map((rule) => rule.join("="))];
  const result = await runCommand(paths.python, args, { supervisor: paths.python });
  if (result?.success) return;
  const reason = result?.output ?? `${paths.python} is missing`;
  throw new SetupFailure(
    /No space left/.test(reason)
      ? noSpace(paths)
      : `Cannot unpack ${archive}: ${lastLines(reason, 1)}`,
  );
}
