/** `deno task train --spec`: one run of the experiments, as every other command makes it. */
import { LeaseHeld } from "../../files/lease.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { dataProvider } from "../../experiments/runs/data_provider.ts";
import { identifyRun } from "../../experiments/runs/identify_run.ts";
import { findExperiment } from "../../experiments/runs/make_run.ts";
import { specById } from "../../experiments/specs/matrix.ts";
import { runAll } from "../../experiments/run_experiment.ts";
import {
  runContext,
  type RunOptions,
  type RunProgress,
} from "../../experiments/runs/run_context.ts";
import { checkoutRoot, runsFolder } from "../../experiments/records/run_paths.ts";
import type { RunSpec } from "../../experiments/specs/run_spec.ts";
import { trainingTable } from "../../experiments/views/tables.ts";
import type { TrainFlags } from "./flags.ts";

/** Exit code where another process works in the run's directory: try again later (EX_TEMPFAIL). */
const BUSY_CODE = 75;

const EVENT_INTERVAL = 1000; // ms between two events of one stage

/** Prints a run's progress as lines of JSON. */
function printEvents(): (progress: RunProgress) => void {
  let [last, lastStage] = [-Infinity, ""];
  return ({ stage, fraction, detail }) => {
    if (stage === lastStage && performance.now() - last < EVENT_INTERVAL) return;
    [last, lastStage] = [performance.now(), stage];
    console.log(JSON.stringify({ stage, fraction, detail }));
  };
}

async function requireHash(spec: RunSpec, options: RunOptions, expected: string): Promise<void> {
  const { hash } = await identifyRun(spec, runContext(options));
  if (hash === expected) return;
  throw new Error(
    `Expected run ${spec.id} seed ${spec.seed} to have the hash ${expected} but found ${hash}: its ` +
      `data or the lab's code differ from where it was asked for`,
  );
}

/** The run that a variant is one of, where it has been made. */
async function parentOf({ variant, profile, seed }: RunSpec, options: RunOptions) {
  if (variant === undefined) return [];
  const parent = await findExperiment(specById(profile, variant.of, seed), options);
  if (parent !== undefined) return [parent.record];
  console.error(
    `${variant.of} seed ${seed} has not been made; to see it beside the variant: deno task matrix ` +
      `--profile ${profile} --only ${variant.of} --seeds ${seed}`,
  );
  return [];
}

/**
 * Makes a run, unless it has been made.
 *
 * @param flags `--spec` and what may stand beside it.
 * @returns The exit code: 0, or 75 where another process works in the run's directory.
 * @throws {Error} With one sentence on what is wrong.
 */
export async function makeSpecifiedRun(
  { spec, root = checkoutRoot(), data: directory, expect, events }:
    & Pick<TrainFlags, "root" | "data" | "expect" | "events">
    & { readonly spec: RunSpec },
  signal: AbortSignal,
): Promise<number> {
  const options = { root, data: dataProvider(directory), signal };
  await requireOutputFolder(runsFolder(root));
  if (expect !== undefined) await requireHash(spec, options, expect);
  try {
    const watch = events ? { onProgress: printEvents() } : {};
    // Weights too: a run that others start from must not end at a committed record.
    const results = await runAll([spec], { ...options, ...watch, weights: true });
    if (events) return 0;
    const beside = [...await parentOf(spec, options), ...results.map(({ record }) => record)];
    console.log(trainingTable(beside).toMarkdown());
    for (const result of results) console.log(`\n${result.directory}`);
    return 0;
  } catch (error) {
    if (!(error instanceof LeaseHeld)) throw error;
    console.error(error.message);
    return BUSY_CODE;
  }
}
