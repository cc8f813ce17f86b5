/** The tables of docs/cluster.md: what the matrix costs, from measured speed. */
import { z } from "zod";
import { markdownTable } from "../../experiments/views/table.ts";
import { experimentMatrix } from "../../experiments/specs/matrix.ts";
import { estimateWork } from "../../experiments/runs/run_progress.ts";
import type { Profile } from "../../experiments/specs/run_spec.ts";
import { thousands } from "../../format/thousands.ts";

/** The parts of data/results/bench.json about speed. */
const benchSchema = z.object({
  machine: z.object({ cpu: z.string(), threads: z.int() }),
  rows: z.array(z.object({ name: z.string(), ours: z.number() })),
});

/** The content of data/results/cluster.json: wall times of a whole quick matrix. */
const clusterSchema = z.object({
  schema: z.literal(1),
  machine: z.string(),
  runs: z.int(),
  ways: z.array(z.object({ how: z.string(), seconds: z.number() })),
});

const TRAINING_ROW = "training step, SGD";
const WORKER_COUNT = 32;
const SEED_COUNT = 3;
/** How much faster than the measured machine the example GPU is. */
const GPU_FACTOR = 20;

/**
 * Time until the last of some jobs has ended, the longest ones begun first.
 *
 * @param jobs Durations.
 * @param workers Jobs that run at once.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(makespan([1, 3, 2], 2), 3);
 * assertEquals(makespan([5, 1, 1], 32), 5);
 * ```
 */
export function makespan(jobs: readonly number[], workers: number): number {
  const busy = new Array<number>(workers).fill(0);
  for (const job of jobs.toSorted((a, b) => b - a)) {
    const next = busy.indexOf(Math.min(...busy));
    busy[next]! += job;
  }
  return Math.max(...busy);
}

function hours(seconds: number): string {
  const value = seconds / 3600;
  return value < 1 ? `${Math.round(60 * value)} min` : `${value.toFixed(1)} h`;
}

/** Seconds of each run of a profile at a measured speed. */
function secondsOfRuns(profile: Profile, imagesPerSecond: number): number[] {
  return experimentMatrix(profile).map((spec) => {
    const { training, evaluation } = estimateWork(spec);
    return (training + evaluation) / imagesPerSecond;
  });
}

function row(profile: Profile, imagesPerSecond: number): string[] {
  const runs = secondsOfRuns(profile, imagesPerSecond);
  const total = runs.reduce((sum, one) => sum + one, 0);
  const seeds = Array.from({ length: SEED_COUNT }, () => runs).flat();
  return [
    profile,
    String(runs.length),
    (total * imagesPerSecond / 1e6).toFixed(1),
    hours(Math.max(...runs)),
    hours(total),
    hours(SEED_COUNT * total),
    hours(makespan(seeds, WORKER_COUNT)),
  ];
}

function clusterText(cluster: unknown): string[] {
  if (cluster === undefined) return [];
  const { machine, runs, ways } = clusterSchema.parse(cluster);
  const rows = ways.map(({ how, seconds }) => [how, `${Math.round(seconds)} s`]);
  return [
    "",
    `The whole quick matrix, ${runs} runs on stand-ins, as measured by tests/reliability/cluster_times.ts (${machine}):`,
    "",
    markdownTable(["how", "wall time"], rows),
  ];
}

/**
 * The scaling block.
 *
 * @param bench The content of data/results/bench.json.
 * @param cluster The content of data/results/cluster.json; undefined where it was not measured.
 * @throws {z.ZodError} If a content has another form.
 */
export function clusterBlock(bench: unknown, cluster?: unknown): string {
  const { machine, rows } = benchSchema.parse(bench);
  const speed = rows.find(({ name }) => name === TRAINING_ROW)?.ours;
  if (speed === undefined) throw new RangeError(`Expected a row "${TRAINING_ROW}" in bench.json`);
  const full = secondsOfRuns("full", speed).reduce((sum, one) => sum + one, 0);
  const passes = full * speed / 1e6;
  return [
    "The cost of a matrix is runs × seeds × epochs × images: what counts is how often an image " +
    "passes through the network forward and back, where a step of an attack is two thirds of a " +
    `training step. At the measured ${Math.round(speed)} images/s (${machine.cpu}, ` +
    `${machine.threads} threads), on the official files:`,
    "",
    markdownTable(
      [
        "profile",
        "runs",
        "million passes a seed",
        "longest run",
        "one machine, one seed",
        `one machine, ${SEED_COUNT} seeds`,
        `${WORKER_COUNT} such workers, ${SEED_COUNT} seeds`,
      ],
      (["quick", "standard", "full"] as const).map((profile) => row(profile, speed)),
    ),
    "",
    `A run is one task, so more workers than runs do not help, and the whole takes at least as ` +
    `long as the longest run. The full protocol (80 epochs, all images) is ${
      passes.toFixed(1)
    } million passes a seed: ` +
    `a GPU that trains ${GPU_FACTOR} times as fast as these ${machine.threads} threads ` +
    `(${thousands(Math.round(GPU_FACTOR * speed))} images/s) would need ` +
    `${hours(full / GPU_FACTOR)}, with ${SEED_COUNT} seeds ${
      hours(SEED_COUNT * full / GPU_FACTOR)
    }. That ` +
    "factor is an assumption: no GPU was measured.",
    ...clusterText(cluster),
  ].join("\n");
}
