/** Runs with their charts: what a notebook and the commands call. */
import { requireKnownOptions } from "../arguments/known_options.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { makeRun, type RunResult } from "./runs/make_run.ts";
import { makeRuns, runAllOptionNames, type RunAllOptions } from "./runs/make_runs.ts";
import { runOptionNames, type RunOptions } from "./runs/run_context.ts";
import type { RunSpec } from "./specs/run_spec.ts";
import { writeCharts } from "./views/charts.ts";

/**
 * Makes a run, or returns it if it is finished: trains, evaluates on the test split and on the domain
 * it is transferred to, and writes every file of its directory (config, history, curves, weights,
 * metrics, charts). The cache key is a hash of spec, data, encoder and {@linkcode numericsVersion}; a
 * committed record with that hash is a hit too. An interrupted run resumes after its last epoch.
 *
 * @param spec Settings, e.g. one of {@linkcode experimentMatrix}.
 * @param options See {@linkcode RunOptions}.
 * @throws {TypeError} If the spec is malformed.
 * @throws {Error} If data or an encoder are missing or damaged, or training diverged.
 * @throws {DOMException} AbortError once the signal is aborted; the last epoch is on disk.
 */
export async function runExperiment(spec: RunSpec, options: RunOptions = {}): Promise<RunResult> {
  requireKnownOptions("runExperiment", options, runOptionNames);
  return await interruptible(
    (signal) => makeRun(spec, { ...options, signal }, writeCharts),
    options.signal,
  );
}

/**
 * Makes every run that has not been made, in the order given.
 *
 * @param specs Settings of the runs.
 * @param options See {@linkcode RunAllOptions}.
 * @returns One result a spec, in the same order, without those that failed.
 * @throws {DOMException} AbortError once the signal is aborted; called again, the interrupted run
 *   resumes after its last epoch.
 */
export async function runAll(
  specs: readonly RunSpec[],
  options: RunAllOptions = {},
): Promise<RunResult[]> {
  requireKnownOptions("runAll", options, runAllOptionNames);
  return await interruptible(
    (signal) => makeRuns(specs, { ...options, signal }, writeCharts),
    options.signal,
  );
}
