/** Makes many runs one after another, with their overall progress. */
import type { OptionNames } from "../../arguments/known_options.ts";
import { isInterruption } from "../../terminal/interrupt.ts";
import { type DataProvider, dataProvider } from "./data_provider.ts";
import {
  type DrawCharts,
  runOptionNames,
  type RunOptions,
  type RunProgress,
} from "./run_context.ts";
import { makeRun, type RunResult } from "./make_run.ts";
import { OverallProgress } from "./run_progress.ts";
import { duration } from "../../format/duration.ts";
import { type ProgressLine, progressLine } from "../../terminal/progress.ts";
import type { RunSpec } from "../specs/run_spec.ts";
import { requireList } from "../../arguments/require.ts";

/** Options of {@linkcode runAll}. */
export interface RunAllOptions extends RunOptions {
  /** Where progress is shown. Default: the notebook's output, the terminal or the log. */
  readonly line?: ProgressLine;
  /** Called after each run. */
  readonly onResult?: (result: RunResult) => void | Promise<void>;
  /** Called for a run that failed, e.g. diverged; the others go on. Default: the error is thrown. */
  readonly onFailure?: (spec: RunSpec, error: Error) => void;
}

/** The names of {@linkcode RunAllOptions}. */
export const runAllOptionNames: OptionNames<RunAllOptions> = {
  ...runOptionNames,
  line: true,
  onResult: true,
  onFailure: true,
};

/**
 * Makes every run that has not been made, in the order given.
 *
 * @param specs Settings of the runs.
 * @param drawCharts Draws the charts of each evaluation into the run's directory.
 * @returns One result a spec, in the same order, without those that failed.
 * @throws {DOMException} AbortError once the signal is aborted; called again, the interrupted run
 *   continues after its last epoch.
 */
export async function makeRuns(
  specs: readonly RunSpec[],
  { line = progressLine(), onResult, onFailure, ...options }: RunAllOptions,
  drawCharts: DrawCharts,
): Promise<RunResult[]> {
  requireList("specs", specs);
  const data: DataProvider = options.data ?? dataProvider(options.dataDirectory);
  const overall = new OverallProgress(specs);
  const started = performance.now();
  const results: RunResult[] = [];
  const onProgress = (spec: RunSpec) => (progress: RunProgress) => {
    options.onProgress?.(progress);
    const { secondsLeft } = overall.reading(spec, progress);
    line.show(overall.line(spec, progress), { secondsLeft });
  };
  for (const spec of specs) {
    try {
      const watched = { ...options, data, onProgress: onProgress(spec) };
      const result = await makeRun(spec, watched, drawCharts);
      overall.finish(spec, result.cached);
      results.push(result);
      await onResult?.(result);
    } catch (error) {
      line.stop();
      options.signal?.throwIfAborted();
      if (isInterruption(error)) throw error; // seen before its signal was told
      if (onFailure === undefined || !(error instanceof Error)) throw error;
      overall.finish(spec, true);
      onFailure(spec, error);
    }
  }
  line.keep(describeResults(results, (performance.now() - started) / 1000));
  return results;
}

function describeResults(results: readonly RunResult[], seconds: number): string {
  const cached = results.filter((result) => result.cached).length;
  return `${results.length} runs: ${results.length - cached} made, ${cached} from the cache, in ` +
    duration(seconds);
}
