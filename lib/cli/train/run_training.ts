/** What `deno task train` does once its flags are read. */
import { join } from "node:path";
import { type Dataset, datasetDefinition } from "../../data/dataset.ts";
import { loadDataset } from "../../data/load_dataset.ts";
import { splitDataset } from "../../data/split_dataset.ts";
import { encoderOfFile } from "../../experiments/runs/encoder.ts";
import { imagenetWeights } from "../../experiments/runs/imagenet_weights.ts";
import { normalisationOf } from "../../experiments/runs/measure/normalisation.ts";
import { checkoutRoot, runsFolder } from "../../experiments/records/run_paths.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { accuracy } from "../../metrics/accuracy.ts";
import { wilsonInterval } from "../../metrics/wilson_interval.ts";
import { imagenetNormalisation, normalisationText } from "../../nn/checkpoint_options.ts";
import { loadCheckpoint } from "../../nn/checkpoint.ts";
import { type ResNet18, resnet18, type ResNet18Options } from "../../nn/resnet18.ts";
import { trainingCurves } from "../../plots/training_curves.ts";
import { collectPredictions } from "../../train/collect_predictions.ts";
import { describeSelection, type History } from "../../train/history.ts";
import { resolveSettings, type TrainOptions } from "../../train/options.ts";
import { progressDisplay } from "../../train/progress.ts";
import { requireUnused, RUN_FILES } from "../../train/run_directory.ts";
import { train } from "../../train/train.ts";
import type { TrainFlags } from "./flags.ts";
import { INTERVAL_95, percent, points } from "../../format/percent.ts";

/** Share of the training images that every choice is made on. */
const VALIDATION_FRACTION = 0.1;
const DEMO_IMAGES = 1000;
const DEMO_EPOCHS = 2;

interface Data {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
}

async function loadData({ dataset, data, demo, limit, seed }: TrainFlags): Promise<Data> {
  const source = data !== undefined ? "real" : demo ? "procedural" : "auto";
  const where = { directory: data, source } as const;
  const count = limit ?? (demo ? DEMO_IMAGES : undefined);
  const whole = await loadDataset(dataset, "train", { ...where, limit: count });
  const test = await loadDataset(dataset, "test", where);
  const [rest, validation] = splitDataset(whole, VALIDATION_FRACTION, seed);
  return { train: rest, validation, test };
}

/** The file that --pretrained names; "imagenet" is downloaded where it is not at hand. */
async function encoderFile(pretrained: string, signal: AbortSignal): Promise<string> {
  if (pretrained !== "imagenet") return pretrained;
  const weights = await imagenetWeights(join(checkoutRoot(), "data", "raw", "pretrained"), {
    signal,
  });
  if ("path" in weights) return weights.path;
  throw new Error(
    `Cannot get ImageNet weights: ${weights.reason}. Put a ResNet-18 safetensors file somewhere and ` +
      `name it with --pretrained FILE.`,
  );
}

async function createModel(
  flags: TrainFlags,
  data: Data,
  signal: AbortSignal,
): Promise<ResNet18> {
  const { dropout, stem = "imagenet", bn: batchNorm, seed, pretrained, told } = flags;
  if (pretrained === undefined) {
    return resnet18({ dropout, stem, batchNorm, seed, ...normalisationOf(data.train) });
  }
  const path = await encoderFile(pretrained, signal);
  // The encoder expects the normalisation that it was trained with, not that of the new images.
  const about = pretrained === "imagenet" ? { ...told, ...imagenetNormalisation } : told;
  const { options, normalisation } = await encoderOfFile(path, "", about);
  if (!batchNorm && options.batchNorm) {
    throw new Error(`--no-bn contradicts ${path}, whose weights have batch norm; leave it out.`);
  }
  console.error(`${path}: ${normalisationText(normalisation)}`);
  const imageSize = told.imageSize as ResNet18Options["imageSize"];
  const model = resnet18({ dropout, seed, ...options, ...(imageSize && { imageSize }) });
  await loadCheckpoint(path, model, { skip: /^fc\./ });
  return model;
}

/** The flags as options of `train`. */
function trainOptions({ knobs, demo, dataset }: TrainFlags): Omit<TrainOptions, "train"> {
  const epochs = knobs.epochs ?? (demo ? DEMO_EPOCHS : datasetDefinition(dataset).epochs);
  return { ...knobs, epochs };
}

async function saveCurves(
  directory: string,
  { dataset, seed }: TrainFlags,
  data: Data,
  history: History,
) {
  const title = `Training on ${datasetDefinition(dataset).title}`;
  const subtitle = `${data.train.describe()} · seed ${seed}`;
  await trainingCurves(history, { title, subtitle }).save(join(directory, "training_curves"));
}

/** One sentence on how good the best checkpoint is on images that chose nothing. */
async function testSentence(model: ResNet18, directory: string, test: Dataset, history: History) {
  await loadCheckpoint(join(directory, RUN_FILES.best), model);
  const share = accuracy(await collectPredictions(model, test));
  const selection = describeSelection(history.selectBy);
  const { low, high } = wilsonInterval(Math.round(share * test.length), test.length);
  return `Test accuracy ${percent(share, 2)} (${INTERVAL_95} ${points(low, 2)}-${
    percent(high, 2)
  }), ` +
    `${test.describe()}, epoch ${history.bestEpoch} of ${history.epochs.length}` +
    (selection === undefined ? "" : `, chosen by ${selection}`);
}

/** The directory of a run that does not name one. */
function defaultDirectory({ dataset, seed }: TrainFlags): string {
  return join(runsFolder(checkoutRoot()), `${dataset}-s${seed}`);
}

async function requireResumable(directory: string): Promise<void> {
  const path = join(directory, RUN_FILES.last);
  await Deno.stat(path).catch(() => {
    throw new Error(`There is no run to resume: ${path} does not exist. Leave out --resume.`);
  });
}

/**
 * Trains, draws the curves and reports the best checkpoint's test accuracy.
 *
 * @param signal Stops the run after its current batch; the last epoch's checkpoint stays.
 * @throws {Error|RangeError} With one sentence on what is wrong.
 */
export async function runTraining(flags: TrainFlags, signal: AbortSignal): Promise<void> {
  const directory = flags.out ?? defaultDirectory(flags);
  const options = trainOptions(flags);
  // What is wrong with flags or directory is said before any data are read.
  resolveSettings(options);
  await requireOutputFolder(
    directory,
    flags.out === undefined ? { within: runsFolder(checkoutRoot()) } : {},
  );
  await (flags.resume ? requireResumable(directory) : requireUnused(directory));
  const data = await loadData(flags);
  console.error(
    `Training on ${data.train.describe()}; choosing on ${data.validation.length} held out`,
  );
  const model = await createModel(flags, data, signal);
  const display = progressDisplay();
  try {
    const history = await train(model, {
      ...options,
      ...{ train: data.train, validation: data.validation },
      ...{ directory, resume: flags.resume, signal },
      onProgress: display.update,
      onEpoch: (history) => saveCurves(directory, flags, data, history),
    });
    display.stop();
    await saveCurves(directory, flags, data, history);
    console.log(await testSentence(model, directory, data.test, history));
    console.log(`Checkpoints, history and curves: ${directory}`);
  } finally {
    display.stop();
    model.dispose();
  }
}
