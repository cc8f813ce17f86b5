/** Both sides of the bench as processes. */
import { fileURLToPath } from "node:url";
import type { Description } from "./_protocol.ts";
import { Side, type SideCommand } from "./side.ts";

/** How to start both sides on the same inputs and threads. */
export interface SideCommands {
  readonly ours: SideCommand;
  readonly theirs?: SideCommand;
}

/** A side and what it said of itself. */
export interface DescribedSide {
  readonly side: Side;
  readonly description: Description;
}

/** Both, started. */
export interface Sides {
  readonly ours: DescribedSide;
  readonly theirs?: DescribedSide;
}

function file(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/**
 * The commands of both sides.
 *
 * @param inputs Folder of the input files.
 * @param threads Threads for each side's kernels.
 * @param pytorch The other side's Python, if there is one.
 */
export function sideCommands(inputs: string, threads: number, pytorch?: string): SideCommands {
  const count = String(threads);
  const ours: SideCommand = {
    name: "our side",
    program: Deno.execPath(),
    args: ["run", "-q", "--no-prompt", "-P=compute", file("our_side.ts"), inputs],
    env: { TF_NUM_INTRAOP_THREADS: count },
  };
  if (pytorch === undefined) return { ours };
  const theirs: SideCommand = {
    name: "PyTorch's side",
    hint: `--pytorch needs a Python (3.10 or newer) where this was run: ` +
      `pip install torch torchvision torchattacks foolbox safetensors umap-learn onnxruntime onnx ` +
      "onnxscript",
    program: pytorch,
    args: [file("../../../tests/bench/pytorch_side.py"), inputs, count],
    env: { OMP_NUM_THREADS: count, NUMBA_NUM_THREADS: count, PYTHONDONTWRITEBYTECODE: "1" },
  };
  return { ours, theirs };
}

/** Starts a side and asks what it is. */
export async function startSide(command: SideCommand): Promise<DescribedSide> {
  const side = new Side(command);
  return { side, description: await side.describe() };
}

/** Starts both sides; close both. */
export async function startSides({ ours, theirs }: SideCommands): Promise<Sides> {
  const started = { ours: await startSide(ours) };
  if (!theirs) return started;
  try {
    return { ...started, theirs: await startSide(theirs) };
  } catch (error) {
    await started.ours.side.close();
    throw error;
  }
}

/** Ends both. */
export async function closeSides({ ours, theirs }: Sides): Promise<void> {
  await ours.side.close();
  await theirs?.side.close();
}
