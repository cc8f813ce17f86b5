/** Makes one run: trains, evaluates, and writes every file of its directory. */
import { requireKnownOptions } from "../../arguments/known_options.ts";
import { join } from "node:path";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import type { History } from "../../train/history.ts";
import { removeChecksums } from "../records/checksums.ts";
import { type CacheHit, findRun } from "./_cache.ts";
import type { Evaluation } from "../records/complete_evaluation.ts";
import { evaluateRun } from "./evaluate_run.ts";
import { identifyRun } from "./identify_run.ts";
import { loadRecord, type RunRecord, sealRecord } from "../records/record.ts";
import {
  type DrawCharts,
  type MakeContext,
  runContext,
  runOptionNames,
  type RunOptions,
} from "./run_context.ts";
import { configOf } from "./run_config.ts";
import { runDirectory, runsFolder } from "../records/run_paths.ts";
import { parseRunSpec, type RunSpec } from "../specs/run_spec.ts";
import { startWeights, trainRun } from "./_train_run.ts";

/** A finished run. */
export interface RunResult {
  /** The run directory, or the committed record that the run was found in. */
  readonly directory: string;
  /** The metrics of each training epoch. */
  readonly history: History;
  /** On the run's own test split. */
  readonly metrics: Evaluation;
  /** True if nothing had to be computed. */
  readonly cached: boolean;
  /** True if it was found among the committed records, which have no weights. */
  readonly published: boolean;
  /** All of the run, for tables and charts. */
  readonly record: RunRecord;
}

function resultOf({ record, published }: CacheHit, cached: boolean): RunResult {
  const { directory, history, metrics } = record;
  return { directory, history, metrics, cached, published, record };
}

async function make(spec: RunSpec, context: MakeContext): Promise<RunResult> {
  const identity = await identifyRun(spec, context);
  const hit = await findRun(context.root, spec, identity.hash, context.weights);
  if (hit !== undefined) return resultOf(hit, true);
  const start = await startWeights(
    identity,
    async (other) => (await make(other, { ...context, weights: true })).directory,
  );
  const directory = runDirectory(context.root, spec, identity.hash);
  const config = configOf(spec, identity, start?.options ?? null);
  await requireOutputFolder(directory, { within: runsFolder(context.root) });
  await removeChecksums(directory);
  await writeAtomically(join(directory, "config.json"), JSON.stringify(config, null, 2) + "\n");
  const { data } = identity;
  await trainRun(spec, directory, config, { data, start, context });
  await evaluateRun(directory, config, data, context);
  const record = await loadRecord(directory);
  if (record === undefined) throw new Error(`Expected a finished run in ${directory}`);
  await sealRecord(record);
  return resultOf({ record, published: false }, false);
}

/**
 * Makes a run, unless it has been made: trains, evaluates on the test split and on the domain it is
 * transferred to, and writes every file of its directory (config, history, curves, weights, metrics,
 * charts). The cache key is a hash of spec, data, encoder and {@linkcode numericsVersion}; a committed
 * record with that hash is a hit too. An interrupted run continues after its last epoch.
 *
 * @param spec Settings, e.g. one of {@linkcode experimentMatrix}.
 * @param options See {@linkcode RunOptions}.
 * @param drawCharts Draws the charts of each evaluation into the run's directory.
 * @throws {TypeError} If the spec is malformed.
 * @throws {Error} If data or an encoder are missing or damaged, or training diverged.
 * @throws {DOMException} AbortError once the signal is aborted; the last epoch is on disk.
 */
export async function makeRun(
  spec: RunSpec,
  options: RunOptions,
  drawCharts: DrawCharts,
): Promise<RunResult> {
  return await make(parseRunSpec(spec), { ...runContext(options), drawCharts });
}

/**
 * Finds a run that has been made, without making it.
 *
 * @returns `undefined` if it has to be made.
 */
export async function findExperiment(
  spec: RunSpec,
  options: RunOptions = {},
): Promise<RunResult | undefined> {
  requireKnownOptions("findExperiment", options, runOptionNames);
  const context = runContext(options);
  const { hash } = await identifyRun(parseRunSpec(spec), context);
  const hit = await findRun(context.root, spec, hash, context.weights);
  return hit && resultOf(hit, true);
}
