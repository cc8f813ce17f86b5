import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { downloadPinned } from "./_download_pinned.ts";
import { SetupFailure } from "./failure.ts";
import { fillFolder } from "./_fill_folder.ts";
import { folderBytes } from "./_folder_bytes.ts";
import { compileBinding, findCompiler } from "./compile.ts";
import { installGpuLibraries, requireGpuPlatform } from "./_gpu_libraries.ts";
import type { SetupPaths } from "./paths.ts";
import {
  OFFICIAL_VERSION,
  type OfficialArchives,
  officialArchives,
  TENSORFLOW_WHEELS,
  thisPlatform,
} from "./pins.ts";
import type { StepReporter } from "./_step_reporter.ts";
import { type ProbedDevice, probedDevice } from "./_probed_device.ts";
import { unpack } from "./python.ts";
import { requireRoom } from "./_room.ts";
import { withTemporaryFolder } from "./_temporary_folder.ts";
import { lastLines, runCommand } from "./run_command.ts";
import { fetchWheel } from "./_fetch_wheel.ts";
import { TENSORFLOW_MEMBERS } from "./_wheel_members.ts";
import { headerFiles, libraryFiles } from "./_library_files.ts";
import { wholeStamp, writeStamp } from "./stamp.ts";
import { REPAIR_COMMAND } from "../../files/setup_commands.ts";
import { megabytes } from "../../format/megabytes.ts";

/** A way to get TensorFlow's native part. */
export type BindingWay = "official" | "wheel" | "gpu";

/** The stamp of what is unpacked from the wheel. */
const WHEEL_STAMP = "wheel_libraries";
const WHEEL_ROOM_BYTES = 1.3e9; // the wheel, what is unpacked from it, and pip's own copy

const OFFICIAL_LIBRARY_MEMBERS = [
  [String.raw`lib/(libtensorflow[^/]*)`, String.raw`deps/lib/\1`],
] as const;
const OFFICIAL_BINDING_MEMBERS = [
  [String.raw`(?:.*/)?tfjs_binding\.node`, "lib/napi-v8/tfjs_binding.node"],
] as const;

const Probe = z.object({
  tensorflow: z.string(),
  tfjsNode: z.string(),
  gpu: z.boolean(),
  kernels: z.string(),
  missing: z.array(z.string()),
  product: z.literal(11),
});

/** What a working binding reports. */
export interface BindingProbe {
  /** The version of libtensorflow. */
  readonly tensorflow: string;
  readonly tfjsNode: string;
  /** The name of the kernel table in use. */
  readonly kernels: string;
  /** oneDNN's kernels, several times faster on a CPU, that this build of TensorFlow lacks. */
  readonly missing: readonly string[];
  readonly device: ProbedDevice;
}

/**
 * The official way: TensorFlow's library and tfjs-node's compiled binding from their publishers.
 *
 * @returns The folder with `deps/lib` and `lib/napi-v8`.
 * @throws {SetupFailure} If a download fails or is not what it should be.
 */
export async function installOfficial(
  paths: SetupPaths,
  archives: OfficialArchives,
  reporter: StepReporter,
): Promise<string> {
  const folder = join(paths.tensorflow, `official-${OFFICIAL_VERSION}`);
  const downloads = join(paths.state, "downloads");
  await Deno.mkdir(downloads, { recursive: true });
  const library = join(downloads, `libtensorflow-${OFFICIAL_VERSION}.tar.gz`);
  const binding = join(downloads, `tfjs-binding-${OFFICIAL_VERSION}.tar.gz`);
  const size = archives.library.megabytes + archives.binding.megabytes;
  const title = `TensorFlow ${OFFICIAL_VERSION}, official download, about ${size} MB`;
  await reporter.step(title, async (show) => {
    await downloadPinned(binding, archives.binding, show);
    await downloadPinned(library, archives.library, show);
    await fillFolder(folder, async (part) => {
      await unpack(paths, library, part, OFFICIAL_LIBRARY_MEMBERS);
      await unpack(paths, binding, part, OFFICIAL_BINDING_MEMBERS);
    });
    await Deno.remove(downloads, { recursive: true });
    return `${megabytes(await folderBytes(folder))} unpacked`;
  });
  return folder;
}

/**
 * The other way: TensorFlow's library out of its Python wheel, and one compiler call.
 *
 * @returns The folder with `deps/lib` and `lib/napi-v8`.
 * @throws {SetupFailure} Saying what to install or allow.
 */
export async function installFromWheel(
  paths: SetupPaths,
  reporter: StepReporter,
): Promise<string> {
  const wheel = TENSORFLOW_WHEELS[thisPlatform];
  if (!wheel) {
    throw new SetupFailure(`There is no TensorFlow wheel for ${thisPlatform}.`);
  }
  const folder = join(paths.tensorflow, `wheel-${wheel.version}`);
  await findCompiler(); // before 230 MB are fetched for nothing
  if (await wholeStamp(paths, WHEEL_STAMP, wheel.sha256)) {
    reporter.note(`TensorFlow ${wheel.version} is in ${folder} already, with the hashes it had`);
    await compileStep(paths, reporter, folder);
    return folder;
  }
  await requireRoom(paths, WHEEL_ROOM_BYTES);
  await reporter.step(
    `${wheel.name} ${wheel.version} wheel, ${wheel.megabytes} MB`,
    async (show) => {
      const path = await fetchWheel(paths, wheel, show);
      await fillFolder(folder, (part) => unpack(paths, path, part, TENSORFLOW_MEMBERS));
      await Deno.remove(path);
      return `${megabytes(await folderBytes(folder))} unpacked`;
    },
  );
  const deps = join(folder, "deps");
  const unpacked = [...await libraryFiles(deps), ...await headerFiles(deps)];
  await writeStamp(paths, WHEEL_STAMP, wheel.sha256, unpacked);
  await compileStep(paths, reporter, folder);
  return folder;
}

/**
 * With GPU support: TensorFlow's library built with CUDA, NVIDIA's libraries, and one compiler call.
 *
 * @returns The folder with `deps/lib`, `deps/nvidia` and `lib/napi-v8`.
 * @throws {SetupFailure} Saying what to install or allow.
 */
export async function installForGpu(paths: SetupPaths, reporter: StepReporter): Promise<string> {
  requireGpuPlatform();
  await findCompiler(); // before 2 GB are fetched for nothing
  const folder = await installGpuLibraries(paths, reporter);
  await compileStep(paths, reporter, folder);
  return folder;
}

async function compileStep(
  paths: SetupPaths,
  reporter: StepReporter,
  folder: string,
): Promise<void> {
  await reporter.step("compile tfjs-node's binding", async () => {
    const { tfjsNode, python: supervisor } = paths;
    const nodeApiHeaders = join(paths.root, "node_modules", "node-api-headers");
    const addon = await withTemporaryFolder(
      paths,
      ({ TMPDIR: temporary }) =>
        compileBinding({ tfjsNode, nodeApiHeaders, folder, temporary, supervisor }),
    );
    return megabytes((await Deno.stat(addon)).size);
  });
}

async function replaceWithLink(path: string, target: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  // The package's folder is itself a link; a relative link must start from where it really is.
  const parent = await Deno.realPath(dirname(path));
  const place = join(parent, basename(path));
  const fresh = `${place}.${Deno.pid}.new`;
  await Deno.symlink(relative(parent, await Deno.realPath(target)), fresh);
  // A folder cannot be renamed over: whatever lies there is moved aside, then deleted.
  const aside = `${place}.${Deno.pid}.old`;
  await Deno.rename(place, aside).catch(() => {});
  await Deno.rename(fresh, place);
  await Deno.remove(aside, { recursive: true }).catch(() => {});
}

const ADDON = join("lib", "napi-v8", "tfjs_binding.node");

/** Makes tfjs-node use the libraries and the binding in a folder. */
export async function linkBinding(paths: SetupPaths, folder: string): Promise<void> {
  await replaceWithLink(join(paths.tfjsNode, "deps"), join(folder, "deps"));
  await replaceWithLink(join(paths.tfjsNode, ADDON), join(folder, ADDON));
}

/** What must stay of a binding: the add-on, the libraries, and the links that lead to both. */
export async function bindingFiles(paths: SetupPaths, folder: string): Promise<string[]> {
  const tfjsNode = await Deno.realPath(paths.tfjsNode);
  return [
    join(folder, ADDON),
    ...await libraryFiles(join(folder, "deps")),
    join(tfjsNode, "deps"),
    join(tfjsNode, ADDON),
  ];
}

function whyNot(status: number | string | undefined, log: string): string {
  if (status === "SIGILL") return "it was ended by SIGILL (TensorFlow needs a processor with AVX)";
  if (typeof status === "string") {
    return `it was ended by ${status}; a library may be damaged, run: ${REPAIR_COMMAND}`;
  }
  return /TensorFlow\.js or its native part cannot be loaded.*/.exec(log)?.[0] ?? lastLines(log, 3);
}

/**
 * Loads the linked binding in another process and lets it compute.
 *
 * @throws {SetupFailure} If it cannot be loaded or computes something else.
 */
export async function probeBinding(paths: SetupPaths): Promise<BindingProbe> {
  const script = fileURLToPath(new URL("./probe_binding.ts", import.meta.url));
  const allowed = ["--no-prompt", "--allow-read", "--allow-env", "--allow-sys", "--allow-ffi"];
  const result = await runCommand(Deno.execPath(), ["run", "--no-check", ...allowed, script], {
    cwd: paths.root,
    // TensorFlow tells only its log which GPU there is or why none.
    env: { TF_CPP_MIN_LOG_LEVEL: "0" },
  });
  const log = result?.output ?? "";
  const line = result?.stdout.trim().split("\n").at(-1) ?? "";
  try {
    const { gpu, product: _, ...probed } = Probe.parse(JSON.parse(line));
    return { ...probed, device: probedDevice(log, gpu) };
  } catch (cause) {
    throw new SetupFailure(`The TensorFlow binding does not load: ${whyNot(result?.status, log)}`, {
      cause,
    });
  }
}

/** Options of {@linkcode installBinding}. */
export interface InstallBindingOptions {
  /** Default "auto": the wheel. */
  readonly way?: BindingWay | "auto";
  /** For the official way: the SHA-256 of the compiled binding's archive. */
  readonly sha256?: string | undefined;
  /** Default those of this platform. */
  readonly archives?: OfficialArchives;
  /** Default {@linkcode installFromWheel}. */
  readonly fromWheel?: typeof installFromWheel;
  /** Default {@linkcode installForGpu}. */
  readonly forGpu?: typeof installForGpu;
  /** Default {@linkcode probeBinding}. */
  readonly probe?: typeof probeBinding;
}

async function installLibraries(
  paths: SetupPaths,
  reporter: StepReporter,
  way: BindingWay,
  options: InstallBindingOptions,
): Promise<string> {
  const { fromWheel = installFromWheel, forGpu = installForGpu } = options;
  switch (way) {
    case "gpu":
      return await forGpu(paths, reporter);
    case "official": {
      const archives = options.archives ?? officialArchives(options.sha256);
      return await installOfficial(paths, archives, reporter);
    }
    case "wheel":
      return await fromWheel(paths, reporter);
  }
}

/**
 * Installs TensorFlow's native part.
 *
 * @returns Which way was taken, the folder, and what the binding reports.
 * @throws {SetupFailure} Saying what to install or allow.
 */
export async function installBinding(
  paths: SetupPaths,
  reporter: StepReporter,
  options: InstallBindingOptions = {},
): Promise<{ way: BindingWay; folder: string; probe: BindingProbe }> {
  const { way: asked = "auto", probe = probeBinding } = options;
  const way = asked === "auto" ? "wheel" : asked;
  const folder = await installLibraries(paths, reporter, way, options);
  await linkBinding(paths, folder);
  return { way, folder, probe: await probe(paths) };
}
