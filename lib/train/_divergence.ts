/** What happens when numbers stop being numbers. */
import { join } from "node:path";
import { loadCheckpoint } from "../nn/checkpoint.ts";
import { NotFiniteError } from "../nn/not_finite_error.ts";
import { brokenWeight } from "./_finite_weights.ts";
import type { Run } from "./_run.ts";
import { DivergenceError } from "./divergence_error.ts";
import { RUN_FILES, saveBest } from "./run_directory.ts";
import { learningRateAt } from "./_schedule.ts";

/** A place in a run; both count from 1. */
export interface Place {
  readonly epoch: number;
  readonly batch: number;
}

/** What the next checkpoint would hold that is not finite. */
function brokenState({ model, optimizer }: Run): string | undefined {
  const weight = brokenWeight(model);
  if (weight !== undefined) return weight;
  const slot = optimizer.notFinite();
  return slot === undefined ? undefined : `the optimizer's state of ${slot}`;
}

/**
 * The error of a run that has diverged. Before the end of the first epoch there is no best yet; the
 * last finite weights are then the initial ones, and model and best.safetensors get them.
 *
 * @param what What is not finite, e.g. "the loss"; a weight that is not finite is named instead.
 * @param cause The error in which it showed, if it did in one.
 */
export async function divergence(
  run: Run,
  { epoch, batch }: Place,
  what: string,
  cause?: unknown,
): Promise<DivergenceError> {
  const { model, settings, history, options: { directory } } = run;
  const state = brokenState(run); // before the weights are put back
  const culprit = state ?? what;
  const isFirst = epoch === 1 && batch === 1;
  const remedy = isFirst && state === undefined
    ? "No update was made yet, so the rate is not the cause: look at what model.forward computes."
    : "Try a lower learning rate.";
  if (directory !== undefined && history.epochs.length === 0) {
    await loadCheckpoint(join(directory, RUN_FILES.last), model);
    await saveBest(directory, model, history);
  }
  return new DivergenceError(
    `Training diverged in epoch ${epoch}, batch ${batch}, at learning rate ` +
      `${learningRateAt(epoch, settings)}: ${culprit} is not finite. ${remedy}`,
    cause === undefined ? undefined : { cause },
  );
}

/**
 * Does part of an epoch. Where it fails for want of finite numbers, e.g. in an attack, the error
 * names the cause rather than the symptom: it is that of {@linkcode divergence}.
 *
 * @returns What `work` returns.
 */
export async function namingDivergence<T>(
  run: Run,
  place: Place,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof DivergenceError) throw error;
    if (error.name === "AbortError") throw error;
    const what = error instanceof NotFiniteError ? error.subject : brokenState(run);
    if (what === undefined) throw error; // another failure: no lower rate would help
    throw await divergence(run, place, what, error);
  }
}

/** Requires what a checkpoint holds to be finite; catches what the checks of each step do not see. */
export async function requireFiniteState(run: Run, place: Place): Promise<void> {
  const what = brokenState(run);
  if (what !== undefined) throw await divergence(run, place, what);
}
