/**
 * What is in use on this machine, and what is missing; `deno task doctor` shows it.
 */
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { datasetDefinition, datasetNames } from "../../data/dataset.ts";
import { findDatasetFiles } from "../../data/dataset_files.ts";
import { defaultDataDirectory } from "../../data/data_directory.ts";
import { loadDataset } from "../../data/load_dataset.ts";
import { exists } from "../../files/exists.ts";
import { REPAIR_COMMAND, SETUP_COMMAND } from "../../files/setup_commands.ts";
import { type BindingProbe, probeBinding } from "../setup/binding.ts";
import { findCompiler } from "../setup/compile.ts";
import { setupPaths } from "../setup/paths.ts";
import { kernelAdvice } from "../setup/kernel_advice.ts";
import { deviceAdvice, gpuNames } from "../setup/device_advice.ts";
import { thisPlatform } from "../setup/pins.ts";
import { findPython } from "../setup/python.ts";
import { runCommand } from "../setup/run_command.ts";
import { readStamp } from "../setup/stamp.ts";

const NOT_INSTALLED = `not installed yet; run: ${SETUP_COMMAND}`;
const DOES_NOT_RUN = `does not run; run: ${REPAIR_COMMAND}`;
const paths = setupPaths();
let missing = 0;

function print(name: string, text: string): void {
  console.log(`${name.padEnd(14)}${text}`);
}

/** Prints what a check found; what it lacks is counted and told with the reason. */
async function report(name: string, check: () => Promise<string> | string): Promise<void> {
  try {
    print(name, await check());
  } catch (error) {
    missing++;
    print(name, `MISSING: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const WAYS: Readonly<Record<string, string>> = {
  official: "official binary",
  wheel: "Python wheel, compiled here",
  gpu: "Python wheel built with CUDA, compiled here",
};

/** What the binding reports, and how it was got; undefined where it is missing or does not load. */
let inUse: { readonly way: string; readonly probe: BindingProbe } | undefined;

async function binding(): Promise<string> {
  const stamp = await readStamp(paths.state, "binding");
  if (!stamp) throw new Error(NOT_INSTALLED);
  const way = stamp.detail.way ?? "";
  inUse = { way, probe: await probeBinding(paths) };
  const { tensorflow, tfjsNode } = inUse.probe;
  return `libtensorflow ${tensorflow} (${WAYS[way] ?? way}), tfjs-node ${tfjsNode}, ${
    kernelAdvice(inUse.probe)
  }`;
}

async function notebooks(): Promise<string> {
  const kernel = join(paths.kernel, "kernel.json");
  if (!await exists(kernel) || !await exists(paths.kernelDeno)) throw new Error(NOT_INSTALLED);
  const version = await runCommand(paths.kernelDeno, ["--version"]);
  if (!version?.success) throw new Error(DOES_NOT_RUN);
  return `${version.stdout.split("\n")[0]}; ${kernel}`;
}

async function venv(): Promise<string> {
  const list =
    "import sys, importlib.metadata as m; print('Python %d.%d.%d' % sys.version_info[:3]," +
    " *['%s %s' % (n, m.version(n)) for n in ('nbclient', 'nbconvert')], sep=', ')";
  const result = await runCommand(paths.python, ["-c", list]);
  if (!result?.success) {
    throw new Error(await exists(paths.venv) ? DOES_NOT_RUN : NOT_INSTALLED);
  }
  return `${result.stdout.trim()}; ${paths.venv}`;
}

async function data(name: (typeof datasetNames)[number]): Promise<string> {
  const directory = defaultDataDirectory();
  const { present, missing } = await findDatasetFiles(name, directory);
  const found = present.train.length + present.test.length;
  if (found === 0) return `no files in ${directory}: procedural stand-ins are used`;
  const absent = [...missing.train, ...missing.test];
  if (absent.length > 0) throw new Error(`${absent.join(", ")}; run: deno task download`);
  const options = { directory, source: "real" } as const;
  const train = await loadDataset(name, "train", options);
  const test = await loadDataset(name, "test", options);
  return `${train.describe()}; ${test.describe()}; ${directory}`;
}

print("platform", `${thisPlatform}, ${cpus()[0]?.model ?? "unknown processor"}`);
print("cores", `${navigator.hardwareConcurrency}, ${Math.round(totalmem() / 2 ** 30)} GiB memory`);
print("Deno", `${Deno.version.deno}, TypeScript ${Deno.version.typescript}, ${Deno.execPath()}`);
await report("Python", async () => {
  const { program, version } = await findPython();
  return `${version} (${program})`;
});
print("C++ compiler", await findCompiler().catch(() => "none (needed only for the wheel way)"));
await report("TensorFlow", binding);
if (inUse) print("device", deviceAdvice(inUse.probe.device, inUse.way, await gpuNames()));
await report("environment", venv);
await report("kernel", notebooks);
await report("assert", async () => (await import("../../assert/mod.ts")).assertAdapter);
await report("csv", async () => (await import("../../format/csv.ts")).csvAdapter);
for (const name of datasetNames) await report(datasetDefinition(name).title, () => data(name));
if (missing > 0) console.log(`\n${missing} missing; the lines above say what to run.`);
Deno.exit(missing === 0 ? 0 : 1);
