/** Makes many runs one after another, with their overall progress. */
import { type DataProvider, dataProvider } from "./data_provider.ts";
import type { RunOptions } from "./run_context.ts";
import { runExperiment, type RunResult } from "./run_experiment.ts";
import { formatSeconds, OverallProgress, type ProgressLine, progressLine } from "./run_progress.ts";
import type { RunSpec } from "./run_spec.ts";

/** Options of {@linkcode runAll}. */
export interface RunAllOptions extends RunOptions {
  /** Where progress is shown. Default: the notebook's output, the terminal or the log. */
  readonly line?: ProgressLine;
  /** Called after each run. */
  readonly onResult?: (result: RunResult) => void | Promise<void>;
}

/**
 * Makes every run that has not been made, in the order given.
 *
 * @param specs Settings of the runs.
 * @returns One result a spec, in the same order.
 * @throws {DOMException} AbortError once the signal is aborted; called again, the interrupted run
 *   goes on after its last epoch.
 */
export async function runAll(
  specs: readonly RunSpec[],
  { line = progressLine(), onResult, ...options }: RunAllOptions = {},
): Promise<RunResult[]> {
  const data: DataProvider = options.data ?? dataProvider(options.dataDirectory);
  const overall = new OverallProgress(specs);
  const started = performance.now();
  const results: RunResult[] = [];
  for (const spec of specs) {
    const result = await runExperiment(spec, {
      ...options,
      data,
      onProgress: (progress) => {
        options.onProgress?.(progress);
        line.show(overall.line(spec, progress));
      },
    });
    overall.finish(spec, result.cached);
    results.push(result);
    await onResult?.(result);
  }
  const cached = results.filter((result) => result.cached).length;
  const made = results.length - cached;
  line.finish(
    `${results.length} runs: ${made} made, ${cached} from the cache, in ` +
      `${formatSeconds((performance.now() - started) / 1000)}`,
  );
  return results;
}
