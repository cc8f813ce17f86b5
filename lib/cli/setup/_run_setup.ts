import { relative } from "node:path";
import { type BindingWay, installBinding } from "./binding.ts";
import { CutOff } from "./_venv_files.ts";
import { earlierDetail } from "./_earlier_stamp.ts";
import { filesOfPart } from "./_files_of_part.ts";
import { requireGpuPlatform } from "./_gpu_libraries.ts";
import { installKernel } from "./_install_kernel.ts";
import { installOnnx } from "./_install_onnx.ts";
import { damagedFiles } from "./_installed_file.ts";
import { keptWay } from "./_kept_way.ts";
import { moveEnvironment, namesPlace } from "./_venv_place.ts";
import { installPackages } from "./packages.ts";
import {
  fingerprintOf,
  isElsewhere,
  isPending,
  type PartName,
  partsOf,
  requirementsOf,
  type SetupGoal,
  VENV_PARTS,
} from "./parts.ts";
import { type SetupPaths, setupPaths } from "./paths.ts";
import { DENO_WHEELS, officialArchives, requireSupportedPlatform, thisPlatform } from "./pins.ts";
import { type StepReporter, stepReporter } from "./_step_reporter.ts";
import { deviceText } from "./_probed_device.ts";
import { createVenv, pip } from "./python.ts";
import { readStamp, removeStamp, renewStamp, type Stamp, validStamp, writeStamp } from "./stamp.ts";
import { notePlace } from "./_venv_place.ts";
import { megabytes } from "../../format/megabytes.ts";
import { withLease } from "../../files/lease.ts";

/** Options of {@linkcode runSetup}. */
export interface SetupOptions {
  /** Default "notebooks". */
  readonly goal?: SetupGoal;
  /**
   * Another value than "auto" redoes a binding that was got another way. Default "auto": GPU support
   * or the official binary stays once it is there, else the wheel.
   */
  readonly binding?: BindingWay | "auto";
  /** With "official": the SHA-256 of the compiled binding's archive. */
  readonly sha256?: string | undefined;
  /** Whether to install every part anew, whatever is there. Default false. */
  readonly repair?: boolean;
  /** Parts whose files were compared just now and need not be read again. Default none. */
  readonly compared?: readonly PartName[];
  readonly paths?: SetupPaths;
  readonly reporter?: StepReporter;
}

/** What parts are installed with. */
interface Work {
  readonly paths: SetupPaths;
  readonly reporter: StepReporter;
  readonly way: BindingWay | "auto";
  readonly sha256: string | undefined;
  readonly repair: boolean;
  /** Parts whose files need not be read again. */
  readonly compared: Set<PartName>;
}

/** What was installed, for people. */
type Detail = Readonly<Record<string, string>>;

async function installPackagesPart(
  { paths, reporter, repair }: Work,
  damaged: readonly string[],
): Promise<Detail> {
  await reporter.step("npm packages", async () => {
    await installPackages(paths, { damaged, anew: repair });
    return "in node_modules";
  });
  return {};
}

async function installVenvPart({ paths, reporter }: Work): Promise<Detail> {
  let version = "";
  await reporter.step("Python environment", async () => {
    version = await createVenv(paths);
    return `Python ${version} in .venv`;
  });
  return { python: version };
}

async function installBindingPart(
  { paths, reporter, way: asked, sha256 }: Work,
): Promise<Detail> {
  const { way, folder, probe } = await installBinding(paths, reporter, { way: asked, sha256 });
  const device = way === "gpu" ? ` on ${deviceText(probe.device)}` : "";
  reporter.note(`TensorFlow ${probe.tensorflow} computes (${way} binary)${device}`);
  return {
    way,
    folder: relative(paths.root, folder),
    tensorflow: probe.tensorflow,
    tfjsNode: probe.tfjsNode,
    ...(way === "official" && sha256 !== undefined ? { sha256 } : {}),
  };
}

/** Parts that are pinned Python packages: what they are called, and their size. */
const PYTHON_PACKAGES = {
  cluster: "Dask (distributed), about 10 MB",
  lab: "JupyterLab, about 60 MB",
  notebooks: "notebook packages (nbclient, nbconvert), about 20 MB",
} as const;

async function installRequirements(
  work: Work,
  part: keyof typeof PYTHON_PACKAGES,
): Promise<void> {
  const { paths, reporter } = work;
  const title = PYTHON_PACKAGES[part];
  const requirements = requirementsOf(part);
  await reporter.step(title, async (show) => {
    await pip(paths, "install", requirements, title, [], (bytes) => show(megabytes(bytes)));
    return "in .venv";
  });
}

async function installPythonPart(
  work: Work,
  part: keyof typeof PYTHON_PACKAGES,
): Promise<Detail> {
  await installRequirements(work, part);
  if (part !== "notebooks") return {};
  let version = "";
  const size = DENO_WHEELS[thisPlatform]?.megabytes;
  await work.reporter.step(`Deno for the notebooks' kernel, ${size} MB`, async (show) => {
    version = await installKernel(work.paths, show);
    return `Deno ${version} in .venv`;
  });
  return { kernelDeno: version };
}

async function installOnnxPart({ paths, reporter }: Work): Promise<Detail> {
  await reporter.step("ONNX Runtime, about 115 MB", async () => {
    await installOnnx(paths);
    return "in .cache/onnx";
  });
  return {};
}

async function install(
  part: PartName,
  work: Work,
  damaged: readonly string[],
): Promise<Detail> {
  switch (part) {
    case "packages":
      return await installPackagesPart(work, damaged);
    case "python":
      return await installVenvPart(work);
    case "binding":
      return await installBindingPart(work);
    case "cluster":
    case "lab":
    case "notebooks":
      return await installPythonPart(work, part);
    case "onnx":
      return await installOnnxPart(work);
  }
}

/** Installs a part and writes its stamp. */
async function redo(part: PartName, work: Work, damaged: readonly string[] = []): Promise<void> {
  const { paths, way } = work;
  await removeStamp(paths.state, part);
  const detail = await install(part, work, damaged);
  const files = await filesOfPart(part, paths, detail);
  await writeStamp(paths, part, await fingerprintOf(part, paths, way), files, detail);
}

/** Takes over what set-up installed before stamps held hashes. */
async function adopt(part: PartName, { paths, way }: Work): Promise<boolean> {
  const earlier = await earlierDetail(paths, part);
  if (earlier === undefined || earlier.way === "official") return false;
  if (way !== "auto" && part === "binding" && earlier.way !== way) return false;
  const detail = earlier.folder === undefined
    ? earlier
    : { ...earlier, folder: relative(paths.root, earlier.folder) };
  try {
    if (part === "python") await notePlace(paths);
    const files = await filesOfPart(part, paths, detail);
    const used = part === "binding" && earlier.way === "gpu" ? "gpu" : way;
    await writeStamp(paths, part, await fingerprintOf(part, paths, used), files, detail);
    return true;
  } catch {
    return false;
  }
}

/** The stamps in the environment; undefined if a file of one is damaged. */
async function wholeEnvironment(paths: SetupPaths): Promise<Map<PartName, Stamp> | undefined> {
  const stamps = new Map<PartName, Stamp>();
  for (const part of VENV_PARTS) {
    const stamp = await readStamp(paths.state, part);
    if (stamp === undefined) continue;
    if (damagedFiles(paths.root, stamp.files).length > 0) return undefined;
    stamps.set(part, stamp);
  }
  return stamps;
}

/** Lets a copied environment work where it is now, as long as it is whole. */
async function moveHere({ paths, reporter, compared }: Work): Promise<void> {
  const stamps = await wholeEnvironment(paths);
  const version = stamps?.get("python")?.detail.python;
  if (stamps === undefined || version === undefined) return;
  if (!await moveEnvironment(paths, version)) return;
  for (const [part, stamp] of stamps) {
    await renewStamp(paths, part, stamp, namesPlace);
    compared.add(part);
  }
  reporter.note("the Python environment was made elsewhere and works here now");
}

/** What a part lacks: the paths of files that are damaged or gone, if it was there once. */
type Lack = "nothing" | "all" | readonly string[];

async function lackOf(
  part: PartName,
  { paths, way, sha256, repair, compared }: Work,
): Promise<Lack> {
  if (repair) return "all";
  const fingerprint = await fingerprintOf(part, paths, way);
  const stamp = await readStamp(paths.state, part);
  if (stamp?.fingerprint !== fingerprint || await isElsewhere(part, paths)) return "all";
  if (part === "binding" && way === "official" && stamp.detail.sha256 !== sha256) return "all";
  const damaged = compared.has(part) ? [] : damagedFiles(paths.root, stamp.files);
  if (damaged.length > 0) return damaged;
  // A copy has other times of change; the next look at them shall be enough.
  if (!await validStamp(paths, part, fingerprint)) await renewStamp(paths, part, stamp);
  return "nothing";
}

/** Redoes all parts of a goal that lie in the environment, and the environment itself. */
async function redoEnvironment(parts: readonly PartName[], work: Work): Promise<PartName[]> {
  const redone = parts.filter((part) => VENV_PARTS.includes(part));
  for (const part of redone) await redo(part, work);
  return redone;
}

/** Says what was found damaged. */
function tell({ reporter }: Work, damaged: readonly string[]): void {
  const more = damaged.length > 1 ? ` and ${damaged.length - 1} more are` : " is";
  reporter.note(`${damaged[0]}${more} not as installed: that part is installed again`);
}

/** Installs a part, or takes over an earlier one. @returns Whether it was installed. */
async function fill(part: PartName, work: Work, damaged: readonly string[]): Promise<boolean> {
  if (damaged.length === 0 && !work.repair && await adopt(part, work)) return false;
  await redo(part, work, damaged);
  return true;
}

/**
 * What parts lack. Where one part of the environment is damaged, all of them do: pip takes a package
 * for present by its description alone.
 */
async function lacksOf(parts: readonly PartName[], work: Work): Promise<Map<PartName, Lack>> {
  const lacks = new Map<PartName, Lack>();
  for (const part of parts) lacks.set(part, await lackOf(part, work));
  const inVenv = parts.filter((part) => VENV_PARTS.includes(part));
  const damaged = [...lacks.values()].filter((lack) => typeof lack !== "string");
  if (damaged.length > 0) tell(work, damaged.flat());
  if (inVenv.some((part) => typeof lacks.get(part) !== "string")) {
    for (const part of inVenv) lacks.set(part, "all");
  }
  return lacks;
}

/** Does what parts lack, in their order. @returns The parts that were installed. */
async function bringUp(parts: readonly PartName[], work: Work): Promise<PartName[]> {
  const lacks = await lacksOf(parts, work);
  const installed = new Set<PartName>();
  for (const part of parts) {
    const renewed = installed.has("python") && VENV_PARTS.includes(part);
    const lack = renewed ? "all" : lacks.get(part)!;
    if (lack === "nothing") continue;
    try {
      if (await fill(part, work, lack === "all" ? [] : lack)) installed.add(part);
    } catch (error) {
      if (!(error instanceof CutOff)) throw error;
      for (const again of await redoEnvironment(parts, work)) installed.add(again);
      break; // the environment's packages come last
    }
  }
  return parts.filter((part) => installed.has(part));
}

/** The hash of the official binding that was asked for now, or when it was installed. */
async function trustedHash(
  paths: SetupPaths,
  way: BindingWay | "auto",
  asked: string | undefined,
): Promise<string | undefined> {
  if (way !== "official") return undefined;
  if (asked !== undefined) return asked.toLowerCase();
  return (await readStamp(paths.state, "binding"))?.detail.sha256;
}

/** Whether nothing is to be done; writes nothing, so that a project may be read-only. */
async function isWhole(
  parts: readonly PartName[],
  { binding = "auto", sha256, compared = [], paths = setupPaths() }: SetupOptions,
): Promise<boolean> {
  const way = await keptWay(paths, binding);
  for (const part of parts) if (await isPending(part, paths, way)) return false;
  for (const part of parts) {
    const files = (await readStamp(paths.state, part))?.files ?? [];
    if (!compared.includes(part) && damagedFiles(paths.root, files).length > 0) return false;
  }
  return sha256 === undefined || sha256 === await trustedHash(paths, "official", undefined);
}

/**
 * Does all set-up that a goal needs and that is not done yet, and installs again what is not as it was
 * installed: it compares the SHA-256 of every file. Safe to interrupt and to run twice at once.
 *
 * @returns The names of the parts that were installed now.
 * @throws {SetupFailure} In one sentence, what to install or allow.
 */
export async function runSetup(options: SetupOptions = {}): Promise<string[]> {
  const { goal = "notebooks", binding = "auto", repair = false, paths = setupPaths() } = options;
  requireSupportedPlatform();
  if (binding === "gpu") requireGpuPlatform();
  if (binding === "official") officialArchives(options.sha256); // says what is wrong with it
  const reporter = options.reporter ?? stepReporter();
  const parts = partsOf(goal);
  const compared = new Set(options.compared);
  if (!repair && await isWhole(parts, options)) return [];
  let installed: PartName[] = [];
  const waiting = () => reporter.note("waiting for another set-up of this project to finish");
  await withLease(paths.state, async () => {
    const way = await keptWay(paths, binding); // another set-up may have changed it meanwhile
    const sha256 = await trustedHash(paths, way, options.sha256);
    const work: Work = { paths, reporter, way, sha256, repair, compared };
    if (!repair && await isElsewhere("python", paths)) await moveHere(work);
    installed = await bringUp(parts, work);
  }, { onWait: waiting, ownFolder: true });
  return installed;
}
