/**
 * `deno task soak`: damages copies of this checkout, cuts set-up off and puts it into awkward places;
 * prints a table of situations and whether they were survived. Everything happens in a temporary
 * folder with a cache of its own; some set-ups fetch packages.
 *
 * Usage: setup_situations.ts [PART OF A TITLE]
 */
import { join } from "node:path";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";

const WORK = await Deno.makeTempDir({ dir: "/tmp", prefix: "lab-situations-" });
const ENV = { DENO_DIR: join(WORK, "deno"), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
const COPIED = ["lib", "notebooks", "deno.json", "deno.lock", "node_modules", ".venv", ".cache"];
const decoder = new TextDecoder();

interface Result {
  readonly code: number;
  readonly text: string;
}

async function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Result> {
  const { env = {}, ...rest } = options;
  const command = new Deno.Command(program, { args: [...args], env: { ...ENV, ...env }, ...rest });
  const { code, stdout, stderr } = await command.output();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

const setUp = (cwd: string, args: readonly string[] = [], env: Record<string, string> = {}) =>
  run(Deno.execPath(), ["run", "-A", "lib/cli/setup.ts", ...args], { cwd, env });
const task = (cwd: string, ...args: string[]) =>
  run(Deno.execPath(), ["task", "-q", ...args], { cwd });

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Whether the library computes and the notebooks' tools start. */
async function works(project: string): Promise<void> {
  const next = await task(project, "notebooks", "--help");
  expect(next.code === 0, `the next task: ${next.text}`);
  const probe = await run(Deno.execPath(), ["run", "-A", "lib/cli/setup/probe_binding.ts"], {
    cwd: project,
  });
  expect(probe.text.includes(`"product":11`), `the binding: ${probe.text}`);
  const tools = await run(join(project, ".venv", "bin", "jupyter"), ["--version"]);
  expect(tools.code === 0, `the environment's scripts: ${tools.text}`);
  const verified = await task(project, "doctor", "--verify");
  expect(verified.code === 0, verified.text);
}

async function copyOf(project: string, name: string): Promise<string> {
  const copy = join(WORK, name);
  await Deno.mkdir(copy);
  for (const entry of COPIED) {
    const { code, text } = await run("cp", ["-r", join(project, entry), copy]);
    expect(code === 0, text);
  }
  return copy;
}

/** Changes a file without a trace in its size and time. */
async function alter(path: string, change: (bytes: Uint8Array) => void): Promise<void> {
  const { atime, mtime } = await Deno.stat(path);
  const bytes = await Deno.readFile(path);
  change(bytes);
  await Deno.writeFile(path, bytes);
  await Deno.utime(path, atime!, mtime!);
}

function flipFour(bytes: Uint8Array): void {
  const start = Math.floor(bytes.length / 2);
  for (let k = start; k < start + 4; k++) bytes[k]! ^= 255;
}

async function repairs(project: string, part: RegExp, args: readonly string[] = []): Promise<void> {
  const { code, text } = await setUp(project, args);
  expect(code === 0 && part.test(text), `set-up: ${text}`);
  await works(project);
}

const PROJECT = join(WORK, "a lab ü");
const native = (project: string, ...path: string[]) => join(project, "node_modules", ...path);

async function forgetVenv(project: string): Promise<void> {
  await Deno.remove(join(project, ".venv"), { recursive: true }).catch(() => {});
}

/** Kills set-up after some seconds; no command that it started may go on. */
async function killAfter(project: string, seconds: number): Promise<void> {
  await forgetVenv(project);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "lib/cli/setup.ts"],
    cwd: project,
    env: ENV,
    stdout: "null",
    stderr: "null",
  }).spawn();
  await new Promise((done) => setTimeout(done, seconds * 1000));
  child.kill("SIGKILL");
  await child.status;
  await new Promise((done) => setTimeout(done, 1500));
  const { text } = await run("ps", ["-eo", "args"]);
  const left = text.split("\n").filter((line) => /pip|venv|g\+\+|unpack\.py/.test(line))
    .filter((line) => line.includes(project));
  expect(left.length === 0, `still running: ${left.join("; ")}`);
  await repairs(project, /set-up/);
}

/** A Python of a version, on the PATH or of pyenv. */
async function interpreter(version: string): Promise<string> {
  const pyenv = Deno.env.get("PYENV_ROOT") ?? join(Deno.env.get("HOME") ?? "/", ".pyenv");
  const names = [...listed(join(pyenv, "versions"))].filter((name) =>
    name.startsWith(`${version}.`)
  )
    .map((name) => join(pyenv, "versions", name, "bin", "python3"));
  for (const name of [`python${version}`, ...names]) {
    const tried = await run(name, ["-c", "pass"]).catch(() => undefined);
    if (tried?.code === 0) return name;
  }
  return skip(`Python ${version}`);
}

function listed(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

async function newEnvironment(python: string): Promise<void> {
  await forgetVenv(PROJECT);
  const { code, text } = await setUp(PROJECT, [], { PYTHON: python });
  expect(code === 0, text);
  await works(PROJECT);
}

const SITUATIONS: Record<string, () => Promise<void>> = {
  "a copy at a path with a space and a letter beyond ASCII": async () => {
    await copyOf(checkoutRoot(), "a lab ü");
    await works(PROJECT);
  },
  "a copy whose original is gone": async () => {
    const copy = await copyOf(PROJECT, "second");
    await Deno.rename(PROJECT, `${PROJECT} away`);
    try {
      await works(copy);
      const script = await Deno.readTextFile(join(copy, ".venv", "bin", "jupyter"));
      expect(!script.includes(PROJECT), "a script runs the original's Python");
    } finally {
      await Deno.rename(`${PROJECT} away`, PROJECT);
      await Deno.remove(copy, { recursive: true });
    }
  },
  "4 flipped bytes in the native binding": async () => {
    const [folder] = [...Deno.readDirSync(join(PROJECT, ".cache", "tensorflow"))];
    const binding = join("lib", "napi-v8", "tfjs_binding.node");
    await alter(join(PROJECT, ".cache", "tensorflow", folder!.name, binding), flipFour);
    await repairs(PROJECT, /tfjs_binding\.node is not as installed/);
  },
  "a truncated JavaScript file of tfjs-node": async () => {
    await Deno.truncate(native(PROJECT, "@tensorflow", "tfjs-node", "dist", "index.js"), 2000);
    await works(PROJECT);
  },
  "flipped bytes in a package that set-up itself needs": async () => {
    await alter(native(PROJECT, "commander", "lib", "command.js"), (bytes) => bytes.fill(123));
    await repairs(PROJECT, /a package does not load/);
  },
  "a missing module in .venv": async () => {
    const [lib] = [...Deno.readDirSync(join(PROJECT, ".venv", "lib"))];
    const site = join(PROJECT, ".venv", "lib", lib!.name, "site-packages");
    await Deno.remove(join(site, "nbformat", "reader.py"));
    await works(PROJECT);
  },
  "a damaged libtensorflow": async () => {
    const libraries = native(PROJECT, "@tensorflow", "tfjs-node", "deps", "lib");
    const name = [...Deno.readDirSync(libraries)].map(({ name }) => name)
      .find((name) => name.includes("framework"))!;
    await alter(join(libraries, name), flipFour);
    await repairs(PROJECT, new RegExp(`${name} is not as installed`));
  },
  "a TMPDIR that is not there": async () => {
    await forgetVenv(PROJECT);
    const { code, text } = await setUp(PROJECT, [], { TMPDIR: join(WORK, "nowhere") });
    expect(code === 0, text);
    await works(PROJECT);
  },
  "two set-ups at once": async () => {
    await forgetVenv(PROJECT);
    for (const { code, text } of await Promise.all([setUp(PROJECT), setUp(PROJECT)])) {
      expect(code === 0, text);
    }
    await works(PROJECT);
  },
  ...Object.fromEntries([1, 4, 9, 16].map((seconds) => [
    `killed after ${seconds} s`,
    () => killAfter(PROJECT, seconds),
  ])),
  ...Object.fromEntries(["3.9", "3.10", "3.11", "3.12", "3.13"].map((version) => [
    `a new environment with Python ${version}`,
    async () => await newEnvironment(await interpreter(version)),
  ])),
  "a new environment with the system's Python": async () => {
    if ((await run("/usr/bin/python3", ["-c", "import ensurepip"])).code !== 0) {
      skip("python3-venv");
    }
    await newEnvironment("/usr/bin/python3");
  },
  "a read-only project, used by another user": async () => {
    if (Deno.uid() !== 0) skip("root to change the user");
    await run("chmod", ["-R", "a+rX,a-w", WORK]);
    try {
      const start = ["--reuid=65534", "--regid=65534", "--clear-groups", Deno.execPath()];
      const ready = await run("setpriv", [
        ...start,
        "run",
        "-q",
        "-P=look",
        "lib/cli/ready.ts",
        "--for",
        "binding",
      ], {
        cwd: PROJECT,
      });
      expect(ready.code === 0, `ready: ${ready.code} ${ready.text}`);
    } finally {
      await run("chmod", ["-R", "u+w", WORK]);
    }
  },
};

class Skipped extends Error {}

function skip(what: string): never {
  throw new Skipped(`not tried: no ${what} here`);
}

const [chosen = ""] = Deno.args;
const rows: [string, string][] = [];
for (const [title, situation] of Object.entries(SITUATIONS)) {
  const first = rows.length === 0;
  if (!first && !title.includes(chosen)) continue;
  const start = performance.now();
  let outcome = "survived";
  try {
    await situation();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    outcome = error instanceof Skipped ? text : `NOT SURVIVED: ${text.trim()}`;
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  rows.push([title, outcome]);
  console.log(`${title}: ${outcome} (${seconds} s)`);
}
await Deno.remove(WORK, { recursive: true });
console.log("\n| situation | survived |\n| --- | --- |");
for (const [title, outcome] of rows) {
  const told = outcome === "survived" ? "yes" : outcome.split("\n")[0];
  console.log(`| ${title} | ${told} |`);
}
if (rows.some(([, outcome]) => outcome.startsWith("NOT"))) Deno.exit(1);
