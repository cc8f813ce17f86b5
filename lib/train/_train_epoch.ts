/** One epoch of training. */
import { tf } from "../backend/tf.ts";
import { batches } from "../data/batches.ts";
import { classBalancedBatches } from "../data/class_balanced_batches.ts";
import { prefetchBatches } from "../data/prefetch_batches.ts";
import { divergence, namingDivergence, requireFiniteState } from "./_divergence.ts";
import { throwIfAborted } from "../terminal/interrupt.ts";
import { createPause } from "./_event_loop.ts";
import type { Run } from "./_run.ts";
import { adversarialBatch, isAdversarialBatch } from "./adversarial.ts";
import type { Progress } from "./options.ts";
import { learningRateAt } from "./_schedule.ts";
import { seedFor } from "./_seeds.ts";
import { type TrainBatch, trainStep } from "./train_step.ts";

/** Sums over an epoch's samples, each taken before its batch's update. */
export interface EpochSums {
  images: number;
  loss: number;
  correct: number;
  seconds: number;
}

function epochBatches({ options, settings }: Run, epoch: number) {
  const { augment, noiseSigma, classBalanced, batchSize, dropLast } = settings;
  const draws = { augment, noiseSigma, seed: seedFor(settings.seed, "data", epoch) };
  if (classBalanced) return classBalancedBatches(options.train, { ...classBalanced, ...draws });
  const order = { batchSize, dropLast, shuffle: true, ...draws };
  // The same bits either way. Only rotating takes long enough to be worth a worker's start and copies.
  return augment === "rotations"
    ? prefetchBatches(options.train, order)
    : batches(options.train, order);
}

/** The perturbed copy of a batch if its draw says so. */
function perturb(
  run: Run,
  epoch: number,
  batch: number,
  { x, y }: { x: tf.Tensor4D; y: tf.Tensor1D },
): tf.Tensor4D | undefined {
  const { model, settings: { adversarial, seed } } = run;
  if (!adversarial) return undefined;
  if (!isAdversarialBatch(adversarial.probability, seed, epoch, batch)) return undefined;
  return adversarialBatch(model, x, y, adversarial, seedFor(seed, "attack", epoch, batch));
}

/** Trains on one batch and adds its values to `sums`. */
async function trainBatch(
  run: Run,
  epoch: number,
  batch: number,
  { x, y }: { x: tf.Tensor4D; y: tf.Tensor1D },
  sums: EpochSums,
): Promise<void> {
  const { settings } = run;
  const perturbed = perturb(run, epoch, batch, { x, y });
  // TRADES trains on the clean images too; the others replace them.
  const images = settings.adversarial?.attack === "trades"
    ? { x, partner: perturbed }
    : { x: perturbed ?? x };
  const input: TrainBatch = { ...images, y, seed: seedFor(settings.seed, "dropout", epoch, batch) };
  try {
    const { loss, correct, notFinite } = trainStep(run, input, learningRateAt(epoch, settings));
    if (notFinite !== undefined) throw await divergence(run, { epoch, batch }, notFinite);
    sums.images += x.shape[0];
    sums.loss += loss * x.shape[0];
    sums.correct += correct;
  } finally {
    perturbed?.dispose();
  }
}

/**
 * Trains on every batch of an epoch; pauses often enough for signals and displays.
 *
 * @returns Sums over the samples and the seconds it took.
 */
export async function trainEpoch(run: Run, epoch: number): Promise<EpochSums> {
  const { options: { onProgress, signal } } = run;
  const sums: EpochSums = { images: 0, loss: 0, correct: 0, seconds: 0 };
  const pause = createPause();
  const start = performance.now();
  let batch = 0;
  for await (const { x, y } of epochBatches(run, epoch)) {
    try {
      throwIfAborted(signal);
      const place = { epoch, batch: ++batch };
      await namingDivergence(run, place, () => trainBatch(run, epoch, batch, { x, y }, sums));
    } finally {
      tf.dispose([x, y]);
    }
    sums.seconds = (performance.now() - start) / 1000;
    if (await pause() && batch < run.batchesPerEpoch) {
      onProgress?.(progressOf(run, epoch, batch, sums));
    }
  }
  await requireFiniteState(run, { epoch, batch });
  return sums;
}

/** Where the run stands after `batch` batches of `epoch`. */
export function progressOf(run: Run, epoch: number, batch: number, sums: EpochSums): Progress {
  const { settings: { epochs }, batchesPerEpoch: batches, history: { selectBy } } = run;
  const remaining = (epochs - epoch + 1) * batches - batch;
  return {
    epoch,
    epochs,
    batch,
    batches,
    loss: sums.loss / sums.images,
    accuracy: sums.correct / sums.images,
    imagesPerSecond: sums.images / sums.seconds,
    etaSeconds: remaining * sums.seconds / batch,
    ...(selectBy ? { selectBy } : {}),
  };
}
