import os from "node:os";
import { join } from "node:path";
import { checkoutRoot } from "../../experiments/records/run_paths.ts";
import { withScratchFolder } from "../../files/scratch_folder.ts";
import { probeBinding } from "../setup/binding.ts";
import { setupPaths } from "../setup/paths.ts";
import { measureCalls, traceSteps } from "./_call_times.ts";
import { compare, type Effort } from "./_compare_sides.ts";
import { measureGrowth } from "./_growth.ts";
import { writeInputs } from "./_inputs.ts";
import { layerRows } from "./_layer_rows.ts";
import { measureMemory } from "./_memory.ts";
import { measureOneDnn } from "./_one_dnn.ts";
import type { BenchOptions } from "./flags.ts";
import { layerSecondsSchema, type Profile, profileSchema, secondsSchema } from "./_protocol.ts";
import type { BenchResult, Row } from "./result.ts";
import { type RowPlan, rowPlans } from "./_row_plans.ts";
import { closeSides, sideCommands, type Sides, startSides } from "./_start_sides.ts";

const PROFILED = ["forward", "trainingStepSgd", "trainingStepAdam", "pgd"];

/** What a bench of chosen rows gives. */
export interface Comparisons {
  readonly rows: Row[];
  readonly profiles: Record<string, Profile>;
  /** The content of the trace file. */
  readonly trace?: string;
}

async function machine(threads: number): Promise<BenchResult["machine"]> {
  const cpus = os.cpus();
  const loadBefore = Deno.loadavg()[0]!; // before the bench itself makes load
  const { device: { gpus }, kernels } = await probeBinding(setupPaths());
  return {
    cpu: cpus[0]?.model.trim() ?? "unknown",
    cores: navigator.hardwareConcurrency,
    threads,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    os: `${Deno.build.os} ${Deno.build.arch}`,
    device: gpus.length > 0 ? gpus.join("; ") : "CPU",
    kernels,
    loadBefore,
  };
}

/** The highest rate of our matrix products in GFLOP/s. */
function matrixPeak(rows: readonly Row[]): number {
  return Math.max(...rows.filter(({ unit }) => unit === "GFLOP/s").map(({ ours }) => ours));
}

/** Useful floating-point operations over those that the peak would allow. */
function shareOfPeak({ ours, unit }: Row, { multiplyAdds }: RowPlan, peak: number): number | null {
  if (multiplyAdds === undefined || unit !== "images/s") return null;
  return 2 * multiplyAdds * ours / 1e9 / peak;
}

/** Loading's part of loading and training, as a fraction. */
function loadingShare(rows: readonly Row[]): BenchResult["loadingShare"] {
  const row = (name: string) => rows.find((row) => row.name === name)!;
  const [loading, step] = [row("loading and augmentation"), row("training step, SGD")];
  const share = (loading: number, step: number) => (1 / loading) / (1 / loading + 1 / step);
  const bothTheirs = loading.theirs !== null && step.theirs !== null;
  return {
    ours: share(loading.ours, step.ours),
    theirs: bothTheirs ? share(loading.theirs!, step.theirs!) : null,
  };
}

async function compareAll(sides: Sides, plans: readonly RowPlan[], effort: Effort, report: Report) {
  const rows: Row[] = [];
  for (const plan of plans) {
    report(plan.name);
    rows.push(await compare(sides, plan, effort));
  }
  const peak = matrixPeak(rows);
  if (!Number.isFinite(peak)) return rows;
  return rows.map((row, k) => ({ ...row, shareOfPeak: shareOfPeak(row, plans[k]!, peak) }));
}

async function profileAll({ ours }: Sides): Promise<Record<string, Profile>> {
  const profiles: Record<string, Profile> = {};
  for (const task of PROFILED) {
    profiles[task] = await ours.side.ask({ kind: "profile", task, options: {} }, profileSchema);
  }
  return profiles;
}

/** Hears what is measured next. */
export type Report = (what: string) => void;

/** Runs `use` with both sides started on inputs of their own, and cleans up. */
function withSides<T>(
  { threads, pytorch }: BenchOptions,
  use: (sides: Sides, commands: ReturnType<typeof sideCommands>) => Promise<T>,
): Promise<T> {
  return withScratchFolder(join(checkoutRoot(), "data"), async (inputs) => {
    await writeInputs(inputs);
    const commands = sideCommands(inputs, threads, pytorch);
    const sides = await startSides(commands);
    try {
      await sides.ours.side.ask({ kind: "checkpoint" }, secondsSchema);
      return await use(sides, commands);
    } finally {
      await closeSides(sides);
    }
  });
}

/**
 * Measures the comparisons whose name holds `options.only`, and nothing else.
 *
 * @throws {RangeError} If there is none.
 */
export function runComparisons(
  options: BenchOptions & { readonly only: string },
  report: Report,
): Promise<Comparisons> {
  const plans = rowPlans.filter(({ name }) => name.includes(options.only));
  if (plans.length === 0) {
    const names = rowPlans.map(({ name }) => name).join(", ");
    throw new RangeError(`Expected --only to be part of one of ${names} but found ${options.only}`);
  }
  return withSides(options, async (sides) => ({
    rows: await compareAll(sides, plans, options, report),
    profiles: options.profile ? await profileAll(sides) : {},
    ...(options.trace === undefined ? {} : { trace: await traceSteps(sides) }),
  }));
}

/** Measures everything. Nothing else should run on the machine meanwhile. */
export async function runBench(
  options: BenchOptions,
  report: Report,
): Promise<{ readonly result: BenchResult; readonly trace?: string }> {
  const { rounds, secondsPerRound, quick, threads } = options;
  const found = await machine(threads);
  return await withSides(options, async (sides, commands) => {
    const skipped = sides.theirs?.description.skipped ?? {};
    for (const [what, why] of Object.entries(skipped)) report(`not ${what}: ${why}`);
    const rows = await compareAll(sides, rowPlans, options, report);
    const growth = await measureGrowth(sides, { effort: options, quick, rows, report });
    report("each layer's kernels");
    const request = { kind: "layers", budget: secondsPerRound / 2 } as const;
    const layers = layerRows(await sides.ours.side.ask(request, layerSecondsSchema));
    report("native and JavaScript time");
    const calls = await measureCalls(sides);
    const profiles = options.profile ? { profiles: await profileAll(sides) } : {};
    const trace = options.trace === undefined ? {} : { trace: await traceSteps(sides) };
    report("peak memory");
    const memory = await measureMemory(commands, rows);
    report("oneDNN on and off");
    const oneDnn = await measureOneDnn(commands, options);
    const result: BenchResult = {
      schema: 1,
      date: new Date().toISOString(),
      quick,
      machine: found,
      versions: { ...sides.ours.description.versions, ...sides.theirs?.description.versions },
      settings: { batchSize: 128, rounds, secondsPerRound },
      peak: matrixPeak(rows),
      rows,
      loadingShare: loadingShare(rows),
      memory,
      growth,
      layers,
      skipped,
      calls,
      oneDnn,
      ...profiles,
    };
    return { result, ...trace };
  });
}
