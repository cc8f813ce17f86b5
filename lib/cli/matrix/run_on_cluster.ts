/** Makes what is missing of many runs on a cluster. */
import { dirname, join } from "node:path";
import { appendText } from "../../files/own_file.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { dataProvider } from "../../experiments/runs/data_provider.ts";
import { type PlannedRun, planRuns } from "../../experiments/runs/plan_runs.ts";
import type { RunAllOptions } from "../../experiments/runs/make_runs.ts";
import { findExperiment, type RunResult } from "../../experiments/runs/make_run.ts";
import { checkoutRoot, runName, runsFolder } from "../../experiments/records/run_paths.ts";
import { duration } from "../../format/duration.ts";
import { progressLine } from "../../terminal/progress.ts";
import type { RunSpec } from "../../experiments/specs/run_spec.ts";
import type { ClusterEvent } from "./_cluster_events.ts";
import { ClusterProgress, workOf } from "./_cluster_progress.ts";
import { type ClusterSettings, runOnDask } from "./_dask.ts";

/** Options of {@linkcode runOnCluster}. */
export interface RunOnClusterOptions extends Omit<RunAllOptions, "onProgress" | "weights"> {
  readonly cluster: ClusterSettings;
}

/** Where the output of each run is kept. */
function logOf(root: string, { spec, name }: PlannedRun): string {
  return join(runsFolder(root), spec.profile, "logs", `${name}.log`);
}

/** Appends what a run says, and where it is made, to its log. */
async function keepLog(root: string, run: PlannedRun, event: ClusterEvent): Promise<void> {
  const text = event.event === "started"
    ? `== ${new Date().toISOString()} on ${event.worker}, ${event.threads} kernel threads`
    : event.event === "log"
    ? event.line
    : event.event === "failed"
    ? `== failed: ${event.reason}`
    : event.event === "finished"
    ? `== finished after ${duration(event.seconds)}`
    : undefined;
  if (text === undefined) return;
  const path = logOf(root, run);
  await appendText(path, text + "\n");
}

/** Refuses links out of the runs' folder, which neither the logs nor what workers send may follow. */
async function requireOwnFolders(root: string, missing: readonly PlannedRun[]): Promise<void> {
  for (const run of missing) {
    for (const folder of [join(root, run.directory), dirname(logOf(root, run))]) {
      await requireOutputFolder(folder, { within: runsFolder(root) });
    }
  }
}

/**
 * Makes every run that has not been made on the workers of a Dask scheduler, each as one task that
 * runs `deno task train --spec`. A run whose worker is lost starts over on another one.
 *
 * @param specs Settings of the runs.
 * @returns One result a spec, in the same order, without those that failed.
 * @throws {ClusterRefusal} If there is no such scheduler, or a worker cannot make runs.
 * @throws {DOMException} AbortError once the signal is aborted; what was finished is kept.
 */
export async function runOnCluster(
  specs: readonly RunSpec[],
  { cluster, onResult, onFailure, line = progressLine(), ...options }: RunOnClusterOptions,
): Promise<RunResult[]> {
  const { root = checkoutRoot(), signal } = options;
  const data = options.data ?? dataProvider(options.dataDirectory);
  const started = performance.now();
  const missing = await planRuns(specs, { ...options, root, data });
  await requireOwnFolders(root, missing);
  const planned = new Map(missing.map((run) => [run.name, run]));
  const wanted = new Map(specs.map((spec) => [runName(spec), spec]));
  const results = new Map<string, RunResult>();
  const collect = async (name: string, cached: boolean) => {
    const spec = wanted.get(name);
    if (spec === undefined) return; // an encoder that was not asked for
    const found = await findExperiment(spec, { ...options, root, data });
    if (found === undefined) throw new Error(`Expected a finished run ${name} but found none`);
    results.set(name, { ...found, cached });
    await onResult?.({ ...found, cached });
  };
  for (const name of wanted.keys()) if (!planned.has(name)) await collect(name, true);
  const fail = (run: PlannedRun, reason: string) => {
    const error = new Error(`${reason} (its log: ${logOf(root, run)})`);
    if (onFailure === undefined) throw error;
    onFailure(run.spec, error);
  };
  const progress = new ClusterProgress(missing);
  const work = {
    runs: missing.map((run) => ({ ...run, work: workOf(run) })),
    lab: checkoutRoot(),
    root,
    data: data.directory ?? null,
  };
  const events = missing.length === 0 ? [] : runOnDask(work, cluster, signal);
  try {
    for await (const event of events) {
      progress.take(event);
      if ("run" in event) await keepLog(root, planned.get(event.run)!, event);
      if (event.event === "finished") await collect(event.run, false);
      else if (event.event === "failed") fail(planned.get(event.run)!, event.reason);
      else if (event.event === "message") line.keep(event.text);
      else if (event.event === "lost") line.keep(lostText(event.worker));
      else if (event.event === "ready") line.keep(readyText(event));
      line.show(progress.line());
    }
  } finally {
    line.stop();
  }
  signal?.throwIfAborted();
  const made = [...results.values()].filter(({ cached }) => !cached).length;
  line.keep(
    `${results.size} runs: ${made} made, ${results.size - made} from the cache, in ` +
      duration((performance.now() - started) / 1000),
  );
  return specs.flatMap((spec) => results.get(runName(spec)) ?? []);
}

function lostText(worker: string): string {
  return `worker ${worker} is gone; its run starts over on another one`;
}

function readyText({ workers, slots, shared }: Extract<ClusterEvent, { event: "ready" }>): string {
  const where = shared ? "into this data/runs" : "and sent back from where this data/runs is not";
  return `${workers} worker${workers === 1 ? "" : "s"}, ${slots} run${
    slots === 1 ? "" : "s"
  } at once, ` +
    `written ${where}`;
}
