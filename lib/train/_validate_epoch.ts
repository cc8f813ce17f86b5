/** What is measured after each epoch. */
import { divergence } from "./_divergence.ts";
import type { Run } from "./_run.ts";
import type { EpochSums } from "./_train_epoch.ts";
import { evaluate } from "./evaluate.ts";
import type { EpochRecord } from "./history.ts";
import {
  overfittingWarning,
  type RobustValidation,
  validateRobustness,
} from "./robust_validation.ts";
import { learningRateAt } from "./schedule.ts";
import { seedFor } from "./seeds.ts";

async function robustnessOf(run: Run): Promise<RobustValidation | undefined> {
  const { model, settings: { adversarial, seed }, options: { validation, signal } } = run;
  if (!adversarial || !validation) return undefined;
  return await validateRobustness(model, validation, {
    epsilon: adversarial.epsilon,
    // The same random starts every epoch: the curve moves with the model alone.
    seed: seedFor(seed, "validation", 0),
    withFgsm: adversarial.attack === "fgsm",
    signal,
  });
}

/**
 * Measures the epoch on the validation data and says aloud what is wrong with it.
 *
 * @param sums Of the epoch's training.
 * @returns The epoch's record and new warnings.
 */
export async function validateEpoch(
  run: Run,
  epoch: number,
  { images, loss, correct, seconds }: EpochSums,
): Promise<{ record: EpochRecord; warnings: string[] }> {
  const { model, settings, batchesPerEpoch, options } = run;
  const { validation, signal } = options;
  const clean = validation ? await evaluate(model, validation, { signal }) : undefined;
  if (clean && !Number.isFinite(clean.loss)) {
    throw await divergence(run, epoch, batchesPerEpoch, "the validation loss");
  }
  const robust = await robustnessOf(run);
  const warning = robust && overfittingWarning(epoch, robust);
  if (warning) (options.onWarning ?? console.warn)(warning);
  const record: EpochRecord = {
    epoch,
    trainLoss: loss / images,
    trainAccuracy: correct / images,
    ...(clean ? { validationLoss: clean.loss, validationAccuracy: clean.accuracy } : {}),
    ...(robust ? { robustAccuracy: robust.robustAccuracy } : {}),
    learningRate: learningRateAt(epoch, settings),
    seconds,
    imagesPerSecond: images / seconds,
  };
  return { record, warnings: warning ? [warning] : [] };
}
