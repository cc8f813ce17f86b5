/** Where the time of one call of our tasks goes: native kernels or JavaScript. */
import { type Profile, profileSchema, type Trace, traceSchema } from "./_protocol.ts";
import type { BenchResult } from "./result.ts";
import type { Sides } from "./_start_sides.ts";

type CallTimes = NonNullable<BenchResult["calls"]>[number];

const TASKS = ["forward", "inputGradient", "trainingStepSgd", "pgd"];
const BATCH_SIZES = [128, 16];
/** The tasks of a trace; one step of PGD, since its steps are alike. */
const TRACED = [
  { task: "trainingStepSgd", options: {} },
  { task: "pgd", options: { steps: 1 } },
];

/** Divides a profile's time. */
export function callTimes(task: string, batchSize: number, profile: Profile): CallTimes {
  const sum = (key: "calls" | "milliseconds") =>
    profile.kernels.reduce((sum, kernel) => sum + kernel[key], 0);
  return {
    task,
    batchSize,
    milliseconds: profile.total,
    nativeMilliseconds: sum("milliseconds"),
    nativeCalls: sum("calls"),
  };
}

/** Measures native and JavaScript time of our tasks, each at two batch sizes. */
export async function measureCalls({ ours }: Sides): Promise<CallTimes[]> {
  const measured: CallTimes[] = [];
  for (const batchSize of BATCH_SIZES) {
    for (const task of TASKS) {
      const request = { kind: "profile", task, options: { batchSize } } as const;
      measured.push(callTimes(task, batchSize, await ours.side.ask(request, profileSchema)));
    }
  }
  return measured;
}

/**
 * Writes traces in Chrome's trace event format, one row of the viewer for each task.
 *
 * @param traces By the name of their task.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const calls = [{ name: "Relu", start: 1, milliseconds: 2 }];
 * const [task, relu] = JSON.parse(chromeTrace({ forward: { total: 4, calls } })).traceEvents;
 * assertEquals([task.name, task.ts, task.dur], ["forward", 0, 4000]);
 * assertEquals([relu.name, relu.ts, relu.dur], ["Relu", 1000, 2000]);
 * ```
 */
export function chromeTrace(traces: Readonly<Record<string, Trace>>): string {
  const event = (tid: number, name: string, start: number, milliseconds: number) => (
    { name, ph: "X", pid: 1, tid, ts: 1000 * start, dur: 1000 * milliseconds }
  );
  const traceEvents = Object.entries(traces).flatMap(([task, { total, calls }], row) => [
    event(row + 1, task, 0, total),
    ...calls.map(({ name, start, milliseconds }) => event(row + 1, name, start, milliseconds)),
  ]);
  return JSON.stringify({ traceEvents, displayTimeUnit: "ms" });
}

/** Traces a training step and a PGD step. */
export async function traceSteps({ ours }: Sides): Promise<string> {
  const traces: Record<string, Trace> = {};
  for (const { task, options } of TRACED) {
    traces[task] = await ours.side.ask({ kind: "trace", task, options }, traceSchema);
  }
  return chromeTrace(traces);
}
