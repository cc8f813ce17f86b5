/**
 * The parts of set-up, what each depends on, and which are still to be done. Nothing here imports a
 * package: `ready.ts` asks before there are any.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BindingWay } from "./binding.ts";
import { gpuFingerprint } from "./gpu_pins.ts";
import { keptWay } from "./_kept_way.ts";
import { notedPlace } from "./_venv_place.ts";
import { kernelDescription } from "./_kernel_description.ts";
import { ONNX_LOCK, type SetupPaths, setupPaths } from "./paths.ts";
import { DENO_WHEELS, OFFICIAL_VERSION, TENSORFLOW_WHEELS, thisPlatform } from "./pins.ts";
import { validStamp } from "./stamp.ts";
import { sha256 } from "../../format/sha256.ts";

/** What may be about to run. */
export const SETUP_GOALS = ["binding", "cluster", "notebooks", "tests", "lab", "onnx"] as const;
/** One of {@linkcode SETUP_GOALS}. */
export type SetupGoal = typeof SETUP_GOALS[number];

const PARTS = {
  binding: ["packages", "python", "binding"],
  cluster: ["packages", "python", "binding", "cluster"],
  notebooks: ["packages", "python", "binding", "notebooks"],
  tests: ["packages", "python", "binding", "cluster", "notebooks"],
  lab: ["packages", "python", "binding", "notebooks", "lab"],
  onnx: ["packages", "python", "binding", "onnx"],
} as const satisfies Record<SetupGoal, readonly string[]>;

/** A part of set-up; its stamp has this name. */
export type PartName = typeof PARTS[SetupGoal][number];

/** The parts that a goal needs, in the order in which they are done. */
export function partsOf(goal: SetupGoal): readonly PartName[] {
  return PARTS[goal];
}

/** The file of the pinned Python packages of a part. */
export function requirementsOf(part: "cluster" | "notebooks" | "lab"): string {
  const suffix = part === "notebooks" ? "" : `_${part}`;
  return fileURLToPath(new URL(`./requirements${suffix}.txt`, import.meta.url));
}

/** The parts that lie in the Python environment. */
export const VENV_PARTS: readonly PartName[] = ["python", "cluster", "notebooks", "lab"];

/** All that the result of a part depends on; where the project lies is none of it. */
async function dependencies(
  part: PartName,
  { root }: SetupPaths,
  way: BindingWay | "auto",
): Promise<unknown> {
  switch (part) {
    case "packages": {
      const { imports = {} } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
      return { platform: thisPlatform, imports };
    }
    case "python":
      return thisPlatform;
    case "binding":
      if (way === "gpu") return { platform: thisPlatform, gpu: gpuFingerprint };
      if (way === "official") return { platform: thisPlatform, official: OFFICIAL_VERSION };
      return { platform: thisPlatform, wheel: TENSORFLOW_WHEELS[thisPlatform]?.sha256 };
    case "cluster":
    case "lab":
      return await Deno.readTextFile(requirementsOf(part));
    case "onnx":
      return [thisPlatform, await Deno.readTextFile(ONNX_LOCK)];
    case "notebooks":
      return [
        await Deno.readTextFile(requirementsOf(part)),
        DENO_WHEELS[thisPlatform]?.sha256,
        kernelDescription("deno"),
      ];
  }
}

/** What the stamp of a part must have been made from. */
export async function fingerprintOf(
  part: PartName,
  paths: SetupPaths,
  way: BindingWay | "auto",
): Promise<string> {
  return sha256(JSON.stringify(await dependencies(part, paths, way)));
}

/** Whether a part lies in a Python environment that was made somewhere else. */
export async function isElsewhere(part: PartName, paths: SetupPaths): Promise<boolean> {
  return VENV_PARTS.includes(part) && await notedPlace(paths) !== paths.venv;
}

/**
 * Whether a part must be looked at or done (again): files are missing, or have another size or time of
 * change than set-up left them with. Reads none of them.
 *
 * @param way The way to TensorFlow's native part, see {@linkcode keptWay}.
 */
export async function isPending(
  part: PartName,
  paths: SetupPaths,
  way: BindingWay | "auto",
): Promise<boolean> {
  if (await isElsewhere(part, paths)) return true;
  return await validStamp(paths, part, await fingerprintOf(part, paths, way)) === undefined;
}

/**
 * Finds what set-up would look at for a goal; reads a few small files, asks for the sizes and times of
 * the others, and writes nothing.
 *
 * @param options.binding The way that is asked for. Default "auto".
 * @param options.paths Default those of this checkout.
 * @returns The parts, in order; none where set-up is complete.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { setupPaths } from "./paths.ts";
 * const root = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${root}/deno.json`, "{}");
 * const pending = await pendingParts("binding", { paths: setupPaths(root) });
 * assertEquals(pending, ["packages", "python", "binding"]);
 * ```
 */
export async function pendingParts(
  goal: SetupGoal,
  { binding = "auto", paths = setupPaths() }: {
    readonly binding?: BindingWay | "auto";
    readonly paths?: SetupPaths;
  } = {},
): Promise<PartName[]> {
  const way = await keptWay(paths, binding);
  const parts = partsOf(goal);
  const pending = await Promise.all(parts.map((part) => isPending(part, paths, way)));
  return parts.filter((_, k) => pending[k]);
}
