/** A run in progress: how it is opened, picked up again and saved. */
import type { Classifier } from "../nn/classifier.ts";
import { augmentationOf } from "../data/augment.ts";
import { requireFitting } from "../nn/require_fitting.ts";
import { requireFiniteStart } from "./_finite_weights.ts";
import { frozenNames } from "./_frozen_names.ts";
import type { EpochRecord, History } from "./history.ts";
import { createOptimizer, optimizerOptions } from "./optimizers.ts";
import {
  freezePattern,
  resolveSettings,
  type TrainOptions,
  type TrainSettings,
} from "./options.ts";
import {
  identifyData,
  requireUnused,
  resumeRun,
  type RunIdentity,
  saveBest,
  saveConfig,
  saveHistory,
  saveLast,
  updateConfig,
} from "./run_directory.ts";
import { openTensorBoard, type TensorBoardLog } from "./_tensorboard.ts";
import type { StepContext } from "./train_step.ts";

/** Everything the steps of the loop share. */
export interface Run extends StepContext {
  readonly options: TrainOptions;
  readonly identity: RunIdentity;
  readonly batchesPerEpoch: number;
  /** Opened by the first epoch that is saved. */
  tensorBoard?: TensorBoardLog;
  history: History;
}

/** The trained parameters, and the test that tells the frozen ones. */
function splitParameters(model: Classifier, { freeze }: TrainOptions) {
  const pattern = freeze === undefined ? undefined : freezePattern(freeze);
  const matched = pattern && frozenNames(pattern, [...model.parameters.keys()]);
  const frozen = (name: string) => matched?.has(name) ?? false;
  const trained = new Map([...model.parameters].filter(([name]) => !frozen(name)));
  if (trained.size === 0) {
    throw new RangeError(
      `Expected freeze to leave a parameter to train but ${pattern} matches all`,
    );
  }
  if (pattern && trained.size === model.parameters.size) {
    const examples = [...model.parameters.keys()].slice(0, 3).join(", ");
    throw new RangeError(
      `Expected freeze to match a parameter but ${pattern} matches none of ${examples}, ...`,
    );
  }
  return { frozen, trained };
}

/** Refuses before anything is written what batch norm would refuse in the middle of an epoch. */
function requireWholeBatches(
  { smallestTrainingBatch: least = 1, buffers }: Classifier,
  { batchSize, classBalanced, dropLast }: TrainSettings,
  images: number,
  frozen: (name: string) => boolean,
): void {
  if (dropLast && images < batchSize) {
    throw new RangeError(
      `Expected dropLast to leave a batch but found ${images} images and batchSize ${batchSize}`,
    );
  }
  const rest = classBalanced || dropLast ? 0 : images % batchSize;
  const smallest = rest === 0 ? batchSize : Math.min(rest, batchSize);
  const norms = [...buffers.keys()].map((name) => name.replace(/running_(mean|var)$/, "weight"));
  if (smallest >= least || norms.every(frozen)) return; // frozen layers run in eval mode
  throw new RangeError(
    `Expected every batch to hold at least ${least} images, since batch norm needs more than one ` +
      `value, but found one of ${smallest} (${images} images, batchSize ${batchSize}); ` +
      `use another batchSize or number of images`,
  );
}

function identifyRun(
  model: Classifier,
  { train, validation }: TrainOptions,
  settings: TrainSettings,
): RunIdentity {
  // The initial weights' seed does not matter to a run that loads its weights.
  const { seed: _seed, ...modelOptions } = (model.options ?? {}) as Record<string, unknown>;
  return {
    settings,
    train: identifyData(train),
    validation: validation ? identifyData(validation) : null,
    model: modelOptions,
  };
}

/** Images in a whole epoch, cut into batches. */
function countBatches({ batchSize, classBalanced, dropLast }: TrainSettings, images: number) {
  if (classBalanced) return Math.max(1, Math.round(images / batchSize)); // whole batches only
  return dropLast ? Math.floor(images / batchSize) : Math.ceil(images / batchSize);
}

/** Resumes from the directory, where there is one, or writes the run's first files into it. */
export async function openDirectory(run: Run): Promise<void> {
  const { directory, resume } = run.options;
  const { model, optimizer, identity } = run;
  if (directory === undefined) return requireFiniteStart(model);
  if (!resume) await requireUnused(directory);
  const saved = resume ? await resumeRun(directory, identity, model, optimizer) : undefined;
  if (saved) {
    run.history = saved;
    // A kill between two writes leaves the history files one epoch behind the checkpoint.
    await saveHistory(directory, saved);
    await updateConfig(directory, identity);
  } else {
    requireFiniteStart(model);
    await saveLast(directory, identity, run.history, model, optimizer);
    await saveConfig(directory, identity);
  }
}

/** Checks everything that can be checked before anything is written; dispose the optimizer. */
export function prepareRun(model: Classifier, options: TrainOptions): Run {
  const settings = resolveSettings(options);
  if (options.resume && options.directory === undefined) {
    throw new TypeError("Expected directory to be given with resume: true");
  }
  requireFitting("train", options.train, model);
  if (options.validation) requireFitting("validation", options.validation, model);
  else if (settings.selectBy !== "accuracy") {
    throw new TypeError(
      `Expected validation to be given with selectBy "${settings.selectBy}", which is measured on ` +
        `it; hold images out with splitDataset`,
    );
  }
  augmentationOf(options.train, settings);
  const { frozen, trained } = splitParameters(model, options);
  requireWholeBatches(model, settings, options.train.length, frozen);
  const identity = identifyRun(model, options, settings);
  return {
    ...{ model, options, settings, identity, frozen, trained },
    optimizer: createOptimizer(trained, optimizerOptions(settings)),
    batchesPerEpoch: countBatches(settings, options.train.length),
    history: {
      epochs: [],
      bestEpoch: 0,
      ...(settings.selectBy === "robustAccuracy" ? { selectBy: settings.selectBy } : {}),
    },
  };
}

/**
 * Writes the epoch's files. best before last: a kill in between repeats this epoch and writes the
 * same best again; the other order could leave a best that is older than the history says.
 */
export async function saveEpoch(run: Run, record: EpochRecord): Promise<void> {
  const { model, optimizer, identity, history, options: { directory } } = run;
  if (directory === undefined) return;
  if (history.bestEpoch === record.epoch) await saveBest(directory, model, history);
  run.tensorBoard ??= openTensorBoard(directory);
  run.tensorBoard.write(record);
  await saveLast(directory, identity, history, model, optimizer);
  await saveHistory(directory, history);
}
