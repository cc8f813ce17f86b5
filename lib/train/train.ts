import { interruptible, throwIfAborted } from "../terminal/interrupt.ts";
import { withLease } from "../files/lease.ts";
import { type Classifier, requireClassifier } from "../nn/classifier.ts";
import { createPause } from "./_event_loop.ts";
import { openDirectory, prepareRun, type Run, saveEpoch } from "./_run.ts";
import { progressOf, trainEpoch } from "./_train_epoch.ts";
import { validateEpoch } from "./_validate_epoch.ts";
import { appendEpoch, type History } from "./history.ts";
import { trainOptionNames, type TrainOptions } from "./options.ts";
import { requireKnownOptions } from "../arguments/known_options.ts";
import { requireBoolean, requireFunction, requireParts } from "../arguments/require.ts";

/**
 * Trains a model in place and returns the values of every epoch. With a directory, every epoch
 * ends in a checkpoint from which a killed run goes on bit for bit.
 *
 * All draws (order, augmentation, dropout, attacks) derive from the seed, the epoch and the batch.
 * The model keeps the last weights; `best.safetensors` holds the epoch with the highest validation
 * accuracy (ties: lower validation loss), or the last epoch without validation data. With
 * `selectBy: "robustAccuracy"` the accuracy under attack comes first, and the history says so.
 *
 * A run with schedule "constant" may be resumed with more epochs; with the others the rates of the
 * epochs already trained depend on their number.
 *
 * @param model Any classifier; its parameters and buffers are changed.
 * @param options Data, epochs and knobs; see {@linkcode TrainOptions}.
 * @returns The history; a finished run that is resumed, or one that `stop` ended and ends again,
 * returns its history unchanged.
 * @throws {RangeError|TypeError} If an option is out of bounds or contradicts another one.
 * @throws {RangeError} If the weights to start from are not finite.
 * @throws {DivergenceError} "diverged", with epoch, batch and rate, if a weight, a running statistic,
 * an activation that the model returns, the loss, a gradient, an attack on the way or the
 * validation is not finite. `best.safetensors` then holds finite weights: of the best epoch so far,
 * or the initial ones. An error in which it showed is its `cause`.
 * @throws {Error} If the directory holds a run and `resume` is not set; if the run to resume had
 * other settings; if another process works in the directory.
 * @throws {DOMException} AbortError once `signal` is aborted; the last checkpoint stays on disk.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "../data/load_dataset.ts";
 * import { resnet18 } from "../nn/resnet18.ts";
 * const data = await loadDataset("mnist", "train", { source: "procedural", limit: 32 });
 * const model = resnet18();
 * const history = await train(model, { train: data, epochs: 1, batchSize: 16 });
 * assertEquals(history.bestEpoch, 1);
 * model.dispose();
 * ```
 */
export async function train(model: Classifier, options: TrainOptions): Promise<History> {
  requireClassifier("model", model);
  requireKnownOptions("train", options, trainOptionNames);
  requireParts("options", options, "an object with train and epochs", ["train", "epochs"]);
  if (options.stop !== undefined) requireFunction("stop", options.stop);
  throwIfAborted(options.signal);
  const run = await prepareRun(model, options);
  const { directory } = options;
  const task = (stop: AbortSignal) =>
    trainEpochs({ ...run, options: { ...options, signal: stop } });
  try {
    return await interruptible(
      (signal) => directory === undefined ? task(signal) : withLease(directory, task, { signal }),
      options.signal,
    );
  } finally {
    run.optimizer.dispose();
  }
}

/** Whether all epochs are trained, or those so far are enough to `stop`. */
function isFinished({ history, settings, options: { stop } }: Run): boolean {
  const { length } = history.epochs;
  if (length === 0 || length >= settings.epochs || stop === undefined) {
    return length >= settings.epochs;
  }
  const answer = stop(history);
  // A promise would count as true.
  requireBoolean("the answer of stop", answer);
  return answer;
}

async function trainEpochs(run: Run): Promise<History> {
  const { options } = run;
  const pause = createPause(); // epochs may be too short for a pause of their own
  await openDirectory(run);
  try {
    while (!isFinished(run)) {
      const epoch = run.history.epochs.length + 1;
      const sums = await trainEpoch(run, epoch);
      const { record, warnings } = await validateEpoch(run, epoch, sums);
      run.history = appendEpoch(run.history, record, warnings);
      await saveEpoch(run, record);
      await options.onEpoch?.(run.history);
      options.onProgress?.(progressOf(run, epoch, run.batchesPerEpoch, sums));
      await pause();
    }
    return run.history;
  } finally {
    run.tensorBoard?.close();
  }
}
