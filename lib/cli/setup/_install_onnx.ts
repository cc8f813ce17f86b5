/** ONNX Runtime, in a folder of its own: only who opens ONNX files needs its native library. */
import { join } from "node:path";
import process from "node:process";
import { SetupFailure } from "./failure.ts";
import { ONNX_LOCK, ONNX_PACKAGES, type SetupPaths } from "./paths.ts";
import { lastLines, runCommand } from "./run_command.ts";

/** The package's native parts for other systems, a quarter of a gigabyte. */
async function removeOthers(bin: string): Promise<void> {
  for (const platform of ["darwin", "linux", "win32"]) {
    for (const arch of ["arm64", "x64"]) {
      if (platform === process.platform && arch === process.arch) continue;
      await Deno.remove(join(bin, platform, arch), { recursive: true }).catch(() => {});
    }
  }
}

const RUNTIME = "onnxruntime-node";

/** The folder of the runtime's native part for this system; undefined where there is none. */
async function nativeFolder({ onnx }: SetupPaths): Promise<string | undefined> {
  try {
    const folder = await Deno.realPath(join(onnx, "node_modules", RUNTIME));
    const native = join(folder, "bin", "napi-v6", process.platform, process.arch);
    await Deno.stat(join(native, "onnxruntime_binding.node"));
    return native;
  } catch {
    return undefined;
  }
}

/**
 * The files of ONNX Runtime that are loaded.
 *
 * @throws {Error} If it is not installed.
 */
export async function onnxFiles(paths: SetupPaths): Promise<string[]> {
  const native = await nativeFolder(paths);
  if (native === undefined) throw new Error("ONNX Runtime is not installed");
  const files = await Array.fromAsync(Deno.readDir(native));
  return files.filter(({ isFile }) => isFile).map(({ name }) => join(native, name)).sort();
}

/**
 * Installs the pinned packages, whose lock file holds their checksums; no script of theirs runs.
 *
 * @throws {SetupFailure} In one sentence, what to allow.
 */
export async function installOnnx(paths: SetupPaths): Promise<void> {
  const { onnx } = paths;
  await Deno.remove(join(onnx, "node_modules"), { recursive: true }).catch(() => {});
  await Deno.mkdir(onnx, { recursive: true });
  await Deno.copyFile(ONNX_PACKAGES, join(onnx, "deno.json"));
  await Deno.copyFile(ONNX_LOCK, join(onnx, "deno.lock"));
  const result = await runCommand(Deno.execPath(), ["install", "--frozen"], { cwd: onnx });
  const folder = await Deno.realPath(join(onnx, "node_modules", RUNTIME)).catch(() => undefined);
  if (!result?.success || folder === undefined) {
    throw new SetupFailure(
      "ONNX Runtime cannot be installed: allow HTTPS to the npm registry, or name a mirror in " +
        `NPM_CONFIG_REGISTRY, then run this again.\n${lastLines(result?.output ?? "", 3)}`,
    );
  }
  if (await nativeFolder(paths) === undefined) {
    throw new SetupFailure(
      `ONNX Runtime has no native part for ${process.platform} on ${process.arch}; save logits with ` +
        "Python instead, see docs/from-pytorch.md",
    );
  }
  await removeOthers(join(folder, "bin", "napi-v6"));
}
