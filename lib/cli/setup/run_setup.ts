import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BindingWay, installBinding, type InstallBindingOptions } from "./binding.ts";
import { SetupFailure } from "./failure.ts";
import { gpuFingerprint, requireGpuPlatform } from "./gpu_libraries.ts";
import { keptWay } from "./kept_way.ts";
import { installKernel, kernelDescription } from "./kernel.ts";
import { libraryFiles } from "./library_files.ts";
import { type SetupPaths, setupPaths } from "./paths.ts";
import {
  DENO_WHEELS,
  officialArchives,
  requireSupportedPlatform,
  TENSORFLOW_WHEELS,
  thisPlatform,
} from "./pins.ts";
import { type StepReporter, stepReporter } from "./progress.ts";
import { deviceText } from "./probed_device.ts";
import { createVenv, pip } from "./python.ts";
import { lastLines, runCommand } from "./run_command.ts";
import { validStamp, writeStamp } from "./stamp.ts";
import { sha256 } from "../../format/sha256.ts";
import { megabytes } from "../../format/megabytes.ts";
import { withLease } from "../../files/lease.ts";

/** What is about to run: each needs the parts before it as well. */
export type SetupGoal = "binding" | "cluster" | "notebooks" | "lab";

/** Options of {@linkcode runSetup}. */
export interface SetupOptions {
  /** Default "notebooks". */
  readonly goal?: SetupGoal;
  /**
   * Another value than "auto" redoes a binding that was got another way. Default "auto": GPU support
   * stays once it is there, else the official way or, where that fails, the wheel.
   */
  readonly binding?: BindingWay | "auto";
  readonly paths?: SetupPaths;
  readonly reporter?: StepReporter;
}

/** One part of set-up: when it must be redone, and how. */
interface Part {
  readonly name: string;
  /** All that its result depends on. */
  readonly fingerprint: unknown;
  /** Does the work; returns the files that must stay and what was installed. */
  install(): Promise<{ files: readonly string[]; detail: Record<string, string> }>;
}

function resource(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}

async function packagesPart(paths: SetupPaths, reporter: StepReporter): Promise<Part> {
  const manifest = JSON.parse(await Deno.readTextFile(join(paths.root, "deno.json")));
  const files = [join(paths.tfjsNode, "package.json")];
  return {
    name: "packages",
    fingerprint: manifest.imports,
    async install() {
      await reporter.step("npm packages", async () => {
        const result = await runCommand(Deno.execPath(), ["install"], { cwd: paths.root });
        if (!result?.success || !await Deno.stat(files[0]!).catch(() => undefined)) {
          throw new SetupFailure(
            "The npm packages cannot be installed: allow HTTPS to the npm registry, or name a mirror in " +
              `NPM_CONFIG_REGISTRY, then run this again.\n${lastLines(result?.output ?? "", 3)}`,
          );
        }
        return "in node_modules";
      });
      return { files, detail: {} };
    },
  };
}

function venvPart(paths: SetupPaths, reporter: StepReporter): Part {
  return {
    name: "python",
    fingerprint: paths.venv, // an environment holds absolute paths: one that was moved is made anew
    async install() {
      let version = "";
      await reporter.step("Python environment", async () => {
        version = await createVenv(paths);
        return `Python ${version} in .venv`;
      });
      return { files: [join(paths.venv, "pyvenv.cfg"), paths.python], detail: { python: version } };
    },
  };
}

function bindingPart(
  paths: SetupPaths,
  reporter: StepReporter,
  options: InstallBindingOptions,
): Part {
  return {
    name: "binding",
    fingerprint: options.way === "gpu" ? { platform: thisPlatform, gpu: gpuFingerprint } : {
      platform: thisPlatform,
      wheel: TENSORFLOW_WHEELS[thisPlatform]?.sha256,
      official: officialArchives(thisPlatform, () => undefined),
    },
    async install() {
      const { way, folder, probe } = await installBinding(paths, reporter, options);
      const device = way === "gpu" ? ` on ${deviceText(probe.device)}` : "";
      reporter.note(`TensorFlow ${probe.tensorflow} computes (${way} binary)${device}`);
      return {
        files: [
          join(paths.tfjsNode, "lib", "napi-v8", "tfjs_binding.node"),
          ...await libraryFiles(join(paths.tfjsNode, "deps")),
        ],
        detail: { way, folder, tensorflow: probe.tensorflow, tfjsNode: probe.tfjsNode },
      };
    },
  };
}

/** Installs pinned packages into the project's Python environment. */
async function installRequirements(
  paths: SetupPaths,
  requirements: string,
  what: string,
  show: (text: string) => void,
): Promise<string> {
  await pip(
    paths,
    [
      ...["install", "--quiet", "--require-hashes", "--only-binary=:all:"],
      `--requirement=${requirements}`,
    ],
    what,
    (bytes) => show(megabytes(bytes)),
  );
  return "in .venv";
}

/** A part that is pinned Python packages and nothing else. */
async function requirementsPart(
  paths: SetupPaths,
  reporter: StepReporter,
  { name, title, size, program }: {
    readonly name: string;
    readonly title: string;
    readonly size: string;
    /** The one of its programs whose presence tells that the packages are there. */
    readonly program: string;
  },
): Promise<Part> {
  const requirements = resource(`requirements_${name}.txt`);
  return {
    name,
    fingerprint: [paths.venv, await Deno.readTextFile(requirements)],
    async install() {
      await reporter.step(
        `${title}, about ${size}`,
        (show) => installRequirements(paths, requirements, title, show),
      );
      return { files: [join(paths.venv, "bin", program)], detail: {} };
    },
  };
}

const CLUSTER = { name: "cluster", title: "Dask (distributed)", size: "5 MB", program: "dask" };
const LAB = { name: "lab", title: "JupyterLab", size: "60 MB", program: "jupyter-lab" };

async function notebooksPart(paths: SetupPaths, reporter: StepReporter): Promise<Part> {
  const requirements = resource("requirements.txt");
  return {
    name: "notebooks",
    fingerprint: [
      paths.venv,
      await Deno.readTextFile(requirements),
      DENO_WHEELS[thisPlatform]?.sha256,
      kernelDescription(paths.kernelDeno),
    ],
    async install() {
      await reporter.step(
        "notebook packages (nbclient, nbconvert), about 20 MB",
        (show) => installRequirements(paths, requirements, "the notebook packages", show),
      );
      let version = "";
      const size = DENO_WHEELS[thisPlatform]?.megabytes;
      await reporter.step(`Deno for the notebooks' kernel, ${size} MB`, async (show) => {
        version = await installKernel(paths, show);
        return `Deno ${version} in .venv`;
      });
      return {
        files: [paths.kernelDeno, join(paths.kernel, "kernel.json")],
        detail: { kernelDeno: version },
      };
    },
  };
}

async function partsOf(
  goal: SetupGoal,
  paths: SetupPaths,
  reporter: StepReporter,
  way: BindingWay | "auto",
): Promise<Part[]> {
  const parts = [
    await packagesPart(paths, reporter),
    venvPart(paths, reporter),
    bindingPart(paths, reporter, { way }),
  ];
  if (goal === "cluster") parts.push(await requirementsPart(paths, reporter, CLUSTER));
  if (goal === "notebooks" || goal === "lab") parts.push(await notebooksPart(paths, reporter));
  if (goal === "lab") parts.push(await requirementsPart(paths, reporter, LAB));
  return parts;
}

async function pending(paths: SetupPaths, part: Part, way: BindingWay | "auto"): Promise<boolean> {
  const stamp = await validStamp(paths.state, part.name, fingerprintOf(part));
  if (!stamp) return true;
  return part.name === "binding" && way !== "auto" && stamp.detail.way !== way;
}

function fingerprintOf(part: Part): string {
  return sha256(JSON.stringify(part.fingerprint));
}

/**
 * Does all set-up that a goal needs and that is not done yet. Safe to interrupt and to run twice at
 * once; a run with nothing to do reads a few small files.
 *
 * @returns The names of the parts that were installed now.
 * @throws {SetupFailure} In one sentence, what to install or allow.
 */
export async function runSetup(options: SetupOptions = {}): Promise<string[]> {
  const { goal = "notebooks", binding = "auto", paths = setupPaths() } = options;
  requireSupportedPlatform();
  if (binding === "gpu") requireGpuPlatform();
  const reporter = options.reporter ?? stepReporter();
  const plan = async () => {
    const way = await keptWay(paths, binding);
    const isPending = (part: Part) => pending(paths, part, way);
    return { parts: await partsOf(goal, paths, reporter, way), isPending };
  };
  const first = await plan();
  const some = (await Promise.all(first.parts.map(first.isPending))).some(Boolean);
  if (!some) return [];
  const installed: string[] = [];
  const waiting = () => reporter.note("waiting for another set-up of this project to finish");
  await withLease(paths.state, async () => {
    const { parts, isPending } = await plan(); // another set-up may have changed the way meanwhile
    for (const part of parts) {
      if (!await isPending(part)) continue;
      const { files, detail } = await part.install();
      await writeStamp(paths.state, part.name, fingerprintOf(part), files, detail);
      installed.push(part.name);
    }
  }, { onWait: waiting });
  return installed;
}
