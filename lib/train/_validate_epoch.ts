/** What is measured after each epoch. */
import { firstImages } from "../data/first_images.ts";
import { divergence, namingDivergence } from "./_divergence.ts";
import type { Run } from "./_run.ts";
import type { EpochSums } from "./_train_epoch.ts";
import { lossAndAccuracy } from "./loss_and_accuracy.ts";
import type { EpochRecord } from "./history.ts";
import {
  overfittingWarning,
  ROBUST_SAMPLE,
  type RobustValidation,
  SELECTION_SAMPLE,
  validateRobustness,
} from "./_robust_validation.ts";
import { learningRateAt } from "./_schedule.ts";
import { seedFor } from "./_seeds.ts";

/** Without validation data, one batch tells at least whether the weights still give numbers. */
async function cleanMetrics({ model, settings, options }: Run) {
  const { validation, train, signal } = options;
  const data = validation ?? firstImages(train, settings.batchSize);
  const { loss, accuracy } = await lossAndAccuracy(model, data, { signal });
  return {
    loss,
    metrics: validation ? { validationLoss: loss, validationAccuracy: accuracy } : {},
  };
}

async function robustnessOf(run: Run): Promise<RobustValidation | undefined> {
  const { model, settings: { adversarial, seed, selectBy }, options } = run;
  const { validation, signal } = options;
  if (!adversarial || !validation) return undefined;
  return await validateRobustness(model, validation, {
    epsilon: adversarial.epsilon,
    norm: adversarial.norm,
    // The same random starts every epoch: the curve moves with the model alone.
    seed: seedFor(seed, "validation", 0),
    withFgsm: adversarial.steps === 1,
    images: selectBy === "robustAccuracy" ? SELECTION_SAMPLE : ROBUST_SAMPLE,
    signal,
  });
}

/**
 * Measures the epoch on the validation data and says aloud what is wrong with it.
 *
 * @param sums Of the epoch's training.
 * @returns The epoch's record and new warnings.
 */
export function validateEpoch(
  run: Run,
  epoch: number,
  sums: EpochSums,
): Promise<{ record: EpochRecord; warnings: string[] }> {
  const place = { epoch, batch: run.batchesPerEpoch };
  return namingDivergence(run, place, () => measureEpoch(run, epoch, sums));
}

async function measureEpoch(
  run: Run,
  epoch: number,
  { images, loss, correct, seconds }: EpochSums,
): Promise<{ record: EpochRecord; warnings: string[] }> {
  const { settings, batchesPerEpoch, options } = run;
  const { loss: cleanLoss, metrics } = await cleanMetrics(run);
  if (!Number.isFinite(cleanLoss)) {
    const what = options.validation ? "the validation loss" : "the loss in eval mode";
    throw await divergence(run, { epoch, batch: batchesPerEpoch }, what);
  }
  const robust = await robustnessOf(run);
  const warning = robust && overfittingWarning(epoch, robust, settings.adversarial?.norm);
  if (warning) (options.onWarning ?? console.warn)(warning);
  const record: EpochRecord = {
    epoch,
    trainLoss: loss / images,
    trainAccuracy: correct / images,
    ...metrics,
    ...(robust ? { robustAccuracy: robust.robustAccuracy } : {}),
    learningRate: learningRateAt(epoch, settings),
    seconds,
    imagesPerSecond: images / seconds,
  };
  return { record, warnings: warning ? [warning] : [] };
}
