import { join } from "node:path";
import { type BindingWay, installBinding, type InstallBindingOptions } from "./binding.ts";
import { SetupFailure } from "./failure.ts";
import { requireGpuPlatform } from "./_gpu_libraries.ts";
import { keptWay } from "./_kept_way.ts";
import { installKernel } from "./_install_kernel.ts";
import { libraryFiles } from "./_library_files.ts";
import {
  fingerprintOf,
  isPending,
  type PartName,
  partsOf,
  pendingParts,
  requirementsOf,
  type SetupGoal,
} from "./parts.ts";
import { type SetupPaths, setupPaths } from "./paths.ts";
import { DENO_WHEELS, requireSupportedPlatform, thisPlatform } from "./pins.ts";
import { type StepReporter, stepReporter } from "./_step_reporter.ts";
import { deviceText } from "./_probed_device.ts";
import { createVenv, pip } from "./python.ts";
import { lastLines, runCommand } from "./run_command.ts";
import { writeStamp } from "./stamp.ts";
import { megabytes } from "../../format/megabytes.ts";
import { withLease } from "../../files/lease.ts";

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
  readonly name: PartName;
  /** Does the work; returns the files that must stay and what was installed. */
  install(): Promise<{ files: readonly string[]; detail: Record<string, string> }>;
}

function packagesPart(paths: SetupPaths, reporter: StepReporter): Part {
  const files = [join(paths.tfjsNode, "package.json")];
  return {
    name: "packages",
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
  await pip(paths, "install", requirements, what, [], (bytes) => show(megabytes(bytes)));
  return "in .venv";
}

/** A part that is pinned Python packages and nothing else. */
function requirementsPart(
  paths: SetupPaths,
  reporter: StepReporter,
  { name, title, size, program }: {
    readonly name: "cluster" | "lab";
    readonly title: string;
    readonly size: string;
    /** The one of its programs whose presence tells that the packages are there. */
    readonly program: string;
  },
): Part {
  const requirements = requirementsOf(name);
  return {
    name,
    async install() {
      await reporter.step(
        `${title}, about ${size}`,
        (show) => installRequirements(paths, requirements, title, show),
      );
      return { files: [join(paths.venv, "bin", program)], detail: {} };
    },
  };
}

const CLUSTER = {
  name: "cluster",
  title: "Dask (distributed)",
  size: "10 MB",
  program: "dask",
} as const;
const LAB = { name: "lab", title: "JupyterLab", size: "60 MB", program: "jupyter-lab" } as const;

function notebooksPart(paths: SetupPaths, reporter: StepReporter): Part {
  const requirements = requirementsOf("notebooks");
  return {
    name: "notebooks",
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

function partOf(
  name: PartName,
  paths: SetupPaths,
  reporter: StepReporter,
  way: BindingWay | "auto",
): Part {
  switch (name) {
    case "packages":
      return packagesPart(paths, reporter);
    case "python":
      return venvPart(paths, reporter);
    case "binding":
      return bindingPart(paths, reporter, { way });
    case "cluster":
      return requirementsPart(paths, reporter, CLUSTER);
    case "notebooks":
      return notebooksPart(paths, reporter);
    case "lab":
      return requirementsPart(paths, reporter, LAB);
  }
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
  if ((await pendingParts(goal, { binding, paths })).length === 0) return [];
  const installed: string[] = [];
  const waiting = () => reporter.note("waiting for another set-up of this project to finish");
  await withLease(paths.state, async () => {
    const way = await keptWay(paths, binding); // another set-up may have changed it meanwhile
    for (const name of partsOf(goal)) {
      if (!await isPending(name, paths, way)) continue;
      const { files, detail } = await partOf(name, paths, reporter, way).install();
      await writeStamp(paths.state, name, await fingerprintOf(name, paths, way), files, detail);
      installed.push(name);
    }
  }, { onWait: waiting, ownFolder: true });
  return installed;
}
