/** What happens when numbers stop being numbers. */
import { join } from "node:path";
import { tf } from "../backend/tf.ts";
import { loadCheckpoint } from "../nn/checkpoint.ts";
import type { Run } from "./_run.ts";
import { RUN_FILES, saveBest } from "./run_directory.ts";
import { learningRateAt } from "./schedule.ts";

/**
 * The error of a run that has diverged. Before the end of the first epoch there is no best yet; the
 * last finite weights are then the initial ones, and model and best.safetensors get them.
 *
 * @param what What is not finite, e.g. "the loss".
 */
export async function divergence(
  run: Run,
  epoch: number,
  batch: number,
  what: string,
): Promise<Error> {
  const { model, settings, history, options: { directory } } = run;
  if (directory !== undefined && history.epochs.length === 0) {
    await loadCheckpoint(join(directory, RUN_FILES.last), model);
    await saveBest(directory, model, 0);
  }
  return new Error(
    `Training diverged in epoch ${epoch}, batch ${batch}, at learning rate ` +
      `${learningRateAt(epoch, settings)}: ${what} is not finite. Try a lower learning rate.`,
  );
}

/**
 * Catches what the check of each step does not see: called before a checkpoint is written, and where
 * an attack failed for want of a finite gradient.
 */
export async function requireFiniteWeights(run: Run, epoch: number, batch: number): Promise<void> {
  for (const [name, variable] of [...run.model.parameters, ...run.model.buffers]) {
    const probe = tf.tidy(() => tf.sum(tf.mul(variable, 0)));
    const [sum] = probe.dataSync();
    probe.dispose();
    if (sum !== 0) throw await divergence(run, epoch, batch, name);
  }
}
