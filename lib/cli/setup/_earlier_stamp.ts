import { join } from "node:path";
import { exists } from "../../files/exists.ts";
import { sha256 } from "../../format/sha256.ts";
import { gpuFingerprint } from "./gpu_pins.ts";
import { kernelDescription } from "./_kernel_description.ts";
import { type PartName, requirementsOf } from "./parts.ts";
import type { SetupPaths } from "./paths.ts";
import { DENO_WHEELS, TENSORFLOW_WHEELS, thisPlatform } from "./pins.ts";

/** A stamp with absolute paths and sizes instead of hashes, as set-up once wrote it. */
interface EarlierStamp {
  readonly schema: 1;
  readonly fingerprint: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly detail: Readonly<Record<string, string>>;
}

/** The official archives as they were pinned then, the second without a hash. */
const OFFICIAL = thisPlatform !== "linux-x86_64" ? undefined : {
  version: "2.9.1",
  library: {
    url:
      "https://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz",
    sha256: "7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173",
    megabytes: 100,
  },
  binding: {
    url:
      "https://storage.googleapis.com/tf-builds/pre-built-binary/napi-v8/4.22.0/CPU-linux-4.22.0.tar.gz",
    megabytes: 1,
  },
};

/** What a part's result depended on, as it was reckoned then. */
async function dependencies(part: PartName, paths: SetupPaths, onGpu: boolean): Promise<unknown> {
  const { root, venv, kernelDeno } = paths;
  switch (part) {
    case "packages":
      return JSON.parse(await Deno.readTextFile(join(root, "deno.json"))).imports ?? {};
    case "python":
      return venv;
    case "binding":
      return onGpu ? { platform: thisPlatform, gpu: gpuFingerprint } : {
        platform: thisPlatform,
        wheel: TENSORFLOW_WHEELS[thisPlatform]?.sha256,
        official: OFFICIAL,
      };
    case "cluster":
    case "lab":
      return [venv, await Deno.readTextFile(requirementsOf(part))];
    case "notebooks":
      return [
        venv,
        await Deno.readTextFile(requirementsOf(part)),
        DENO_WHEELS[thisPlatform]?.sha256,
        kernelDescription(kernelDeno),
      ];
  }
}

/**
 * Reads a stamp of the earlier schema, so that an update of the project need not download again what
 * is there.
 *
 * @returns What it says for people, or undefined where the part must be done again.
 */
export async function earlierDetail(
  paths: SetupPaths,
  part: PartName,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const text = await Deno.readTextFile(join(paths.state, `${part}.json`));
    const { schema, fingerprint, files, detail }: EarlierStamp = JSON.parse(text);
    const made = await dependencies(part, paths, detail.way === "gpu");
    if (schema !== 1 || fingerprint !== sha256(JSON.stringify(made))) return undefined;
    for (const { path, size } of files) {
      if (!await exists(path) || (await Deno.stat(path)).size !== size) return undefined;
    }
    return detail;
  } catch {
    return undefined;
  }
}
