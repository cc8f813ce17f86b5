import { join } from "node:path";
import { SetupFailure } from "./failure.ts";
import { fillFolder } from "./_fill_folder.ts";
import { folderBytes } from "./_folder_bytes.ts";
import { CUDA_LIBRARIES, CUDA_TENSORFLOW } from "./gpu_pins.ts";
import { libraryFiles } from "./_library_files.ts";
import type { SetupPaths } from "./paths.ts";
import { type PinnedWheel, type Platform, thisPlatform } from "./pins.ts";
import type { StepReporter } from "./_step_reporter.ts";
import { unpack } from "./python.ts";
import { requireRoom } from "./_room.ts";
import { wholeStamp, writeStamp } from "./stamp.ts";
import { fetchWheel } from "./_fetch_wheel.ts";
import {
  CUDA_COMPILER_MEMBERS,
  CUDA_LIBRARY_MEMBERS,
  TENSORFLOW_MEMBERS,
} from "./_wheel_members.ts";
import { sha256 } from "../../format/sha256.ts";
import { megabytes } from "../../format/megabytes.ts";

const GPU_PLATFORM: Platform = "linux-x86_64";
/** At once, at most: a wheel is deleted when it has been unpacked. */
const ROOM_BYTES = 5e9;
const STAMP = "gpu_libraries";

/**
 * Refuses GPU support where its libraries do not run.
 *
 * @throws {SetupFailure} Naming the platform that is needed and how to go on without.
 * @example
 * ```ts
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
 * requireGpuPlatform("linux-x86_64");
 * assertThrows(() => requireGpuPlatform("darwin-aarch64"), Error, "Linux on x86-64");
 * ```
 */
export function requireGpuPlatform(platform: Platform = thisPlatform): void {
  if (platform === GPU_PLATFORM) return;
  throw new SetupFailure(
    `GPU support needs Linux on x86-64 but this is ${platform}: to compute on the CPU, run set-up ` +
      "with --binding wheel or --binding official instead.",
  );
}

/** What a test replaces in {@linkcode installGpuLibraries}. */
export interface GpuLibrariesOptions {
  /** TensorFlow's wheel. Default {@linkcode CUDA_TENSORFLOW}. */
  readonly tensorflow?: PinnedWheel;
  /** NVIDIA's wheels. Default {@linkcode CUDA_LIBRARIES}. */
  readonly libraries?: readonly PinnedWheel[];
  /** Default {@linkcode fetchWheel}. */
  readonly fetch?: typeof fetchWheel;
  /** Free bytes on the disk. Default asks the system. */
  readonly free?: number;
}

function membersOf({ name }: PinnedWheel): typeof TENSORFLOW_MEMBERS {
  if (name === "tensorflow") return TENSORFLOW_MEMBERS;
  return name === "nvidia-cuda-nvcc-cu12" ? CUDA_COMPILER_MEMBERS : CUDA_LIBRARY_MEMBERS;
}

async function fetchAll(
  paths: SetupPaths,
  wheels: readonly PinnedWheel[],
  fetch: typeof fetchWheel,
  show: (text: string) => void,
): Promise<string[]> {
  const files: string[] = [];
  for (const wheel of wheels) {
    const place = wheels.length === 1 ? "" : `${files.length + 1} of ${wheels.length}: `;
    const told = (text: string) => show(`${place}${wheel.name}, ${text}`);
    files.push(await fetch(paths, wheel, told, ["--no-cache-dir"])); // pip would keep a copy
  }
  return files;
}

/** What the wheels' own installer would do beside copying files. */
async function complete(nvidia: string): Promise<void> {
  const assembler = join(nvidia, "cuda_nvcc", "bin", "ptxas");
  if (await Deno.stat(assembler).catch(() => undefined)) await Deno.chmod(assembler, 0o755);
  // cuDNN looks for NVIDIA's run-time compiler in a folder of this name.
  await Deno.symlink("cuda_nvrtc", join(nvidia, "nvrtc"));
}

const size = (wheels: readonly PinnedWheel[]) =>
  wheels.reduce((sum, wheel) => sum + wheel.megabytes * 1e6, 0);

/**
 * Gets TensorFlow's library built with CUDA and the NVIDIA libraries that it needs, except the
 * driver. What is in place already, e.g. from before a change to the CPU and back, is used again.
 *
 * @param options For tests.
 * @returns The folder with `deps/lib`, `deps/nvidia` and `deps/include`.
 * @throws {SetupFailure} Saying what to install, free or allow.
 */
export async function installGpuLibraries(
  paths: SetupPaths,
  reporter: StepReporter,
  options: GpuLibrariesOptions = {},
): Promise<string> {
  const { tensorflow = CUDA_TENSORFLOW, libraries = CUDA_LIBRARIES, fetch = fetchWheel } = options;
  const wheels = [tensorflow, ...libraries];
  const folder = join(paths.tensorflow, `gpu-${tensorflow.version}`);
  const fingerprint = sha256(JSON.stringify(wheels.map(({ sha256 }) => sha256)));
  if (await wholeStamp(paths, STAMP, fingerprint)) {
    reporter.note(`TensorFlow's CUDA build is in ${folder} already`);
    return folder;
  }
  const present = await folderBytes(join(paths.state, "wheels")).catch(() => 0);
  await requireRoom(paths, ROOM_BYTES - present, options.free);
  let files: string[] = [];
  await reporter.step(
    `TensorFlow ${tensorflow.version} built with CUDA, ${megabytes(size([tensorflow]))}`,
    async (show) => {
      files = await fetchAll(paths, [tensorflow], fetch, show);
      return "fetched";
    },
  );
  await reporter.step(
    `NVIDIA's libraries, ${libraries.length} wheels, ${megabytes(size(libraries))}`,
    async (show) => {
      files.push(...await fetchAll(paths, libraries, fetch, show));
      return "fetched";
    },
  );
  await reporter.step("unpack them", async (show) => {
    await fillFolder(folder, async (part) => {
      for (const [k, wheel] of wheels.entries()) {
        show(wheel.name);
        await unpack(paths, files[k]!, part, membersOf(wheel));
        await Deno.remove(files[k]!); // else they would need half as much room again
      }
      await complete(join(part, "deps", "nvidia"));
    });
    return megabytes(await folderBytes(folder));
  });
  await writeStamp(paths, STAMP, fingerprint, await libraryFiles(join(folder, "deps")));
  return folder;
}
