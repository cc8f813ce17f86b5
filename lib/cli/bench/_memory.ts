import type { BenchResult, Row } from "./result.ts";
import { fastestVariant } from "./_compare_sides.ts";
import { rowPlans } from "./_row_plans.ts";
import { type SideCommands, startSide } from "./_start_sides.ts";
import type { SideCommand } from "./side.ts";

const MIB = 2 ** 20;
const MEASURED = ["forward", "training step, SGD", "training step, Adam", "PGD-10"];
/** Long enough for the allocators to settle. */
const SECONDS = 2;

/** Peak memory in MiB of a fresh process that runs one task. */
async function peakOf(command: SideCommand, task: string, variant: string): Promise<number> {
  const { side } = await startSide(command);
  try {
    await side.time(task, variant, {}, SECONDS);
    return (await side.peakMemory()) / MIB;
  } finally {
    await side.close();
  }
}

/**
 * Peak memory of both sides at batch 128, each task in a process of its own.
 *
 * @param rows Tell PyTorch's faster layout, which is the one measured.
 */
export async function measureMemory(
  { ours, theirs }: SideCommands,
  rows: readonly Row[],
): Promise<BenchResult["memory"]> {
  const results: BenchResult["memory"] = [];
  for (const name of MEASURED) {
    const { task } = rowPlans.find((plan) => plan.name === name)!;
    const variant = fastestVariant(rows.find((row) => row.name === name)!);
    const mine = await peakOf(ours, task, "lab");
    const other = theirs && variant ? await peakOf(theirs, task, variant) : null;
    results.push({ name, ours: mine, theirs: other, ratio: other === null ? null : mine / other });
  }
  return results;
}
