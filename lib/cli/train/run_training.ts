/** What `deno task train` does once its flags are read. */
import { basename, join } from "node:path";
import { type Dataset, datasetDefinition, knownDefinition } from "../../data/dataset.ts";
import { IMAGE_SIZE } from "../../data/definition.ts";
import { imageFolderName } from "../../data/image_folder.ts";
import { loadImageSplits, type SplitManifest } from "../../data/image_splits.ts";
import { loadDataset } from "../../data/load_dataset.ts";
import { splitDataset } from "../../data/split_dataset.ts";
import { encoderOfFile } from "../../experiments/runs/encoder.ts";
import { imagenetWeights } from "../../experiments/runs/imagenet_weights.ts";
import type { RunData } from "../../experiments/runs/data_provider.ts";
import { identityOf } from "../../experiments/runs/identify_run.ts";
import { normalisationOf } from "../../experiments/runs/measure/normalisation.ts";
import { configOf } from "../../experiments/runs/run_config.ts";
import type { RunConfig } from "../../experiments/records/schema.ts";
import { encoderSource } from "../../experiments/specs/choose_runs.ts";
import type { RunSpec } from "../../experiments/specs/run_spec.ts";
import { trainingSpec } from "../../experiments/specs/training_spec.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import { checkoutRoot, runsFolder } from "../../experiments/records/run_paths.ts";
import { readJson } from "../../files/read_json.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { accuracy } from "../../metrics/accuracy.ts";
import { wilsonInterval } from "../../metrics/wilson_interval.ts";
import { imagenetNormalisation, normalisationText } from "../../nn/checkpoint_options.ts";
import { loadCheckpoint } from "../../nn/checkpoint.ts";
import { makeNetwork } from "../../nn/architectures.ts";
import { DEFAULT_MODEL, HEAD_PATTERN, MODEL_FACTS } from "../../nn/model_names.ts";
import type { Network } from "../../nn/network_options.ts";
import { trainingCurves } from "../../plots/training_curves.ts";
import { collectPredictions } from "../../train/collect_predictions.ts";
import { describeSelection, type History } from "../../train/history.ts";
import { resolveSettings } from "../../train/options.ts";
import { progressDisplay } from "../../train/progress.ts";
import { identifyData, requireUnused, RUN_FILES } from "../../train/run_directory.ts";
import { train } from "../../train/train.ts";
import { writeImagesFile } from "../images_file.ts";
import type { TrainFlags } from "./flags.ts";
import { INTERVAL_95, percent, points } from "../../format/percent.ts";

/** Share of the training images that every choice is made on. */
const VALIDATION_FRACTION = 0.1;
const DEMO_IMAGES = 1000;
const DEMO_EPOCHS = 2;

/** Share of own images without a test folder that is kept for the test. */
const TEST_FRACTION = 0.2;
/** Passes over own images by default. */
const IMAGES_EPOCHS = 15;

/** What is trained on, and where own images came from. */
interface TrainingData extends RunData {
  readonly manifest?: SplitManifest;
}

/** Own images, brought to the size that the model reads. */
async function loadImages(directory: string, { told, seed }: TrainFlags): Promise<TrainingData> {
  const { train, validation, test, manifest } = await loadImageSplits(directory, {
    size: told.imageSize ?? IMAGE_SIZE,
    seed,
    testFraction: TEST_FRACTION,
    validationFraction: VALIDATION_FRACTION,
  });
  const identity = { train: identifyData(train), test: identifyData(test) };
  return { train, validation, test, transfer: undefined, outside: [], identity, manifest };
}

async function loadData({ dataset, data, demo, limit, seed }: TrainFlags): Promise<RunData> {
  const source = data !== undefined ? "real" : demo ? "procedural" : "auto";
  const where = { directory: data, source } as const;
  const count = limit ?? (demo ? DEMO_IMAGES : undefined);
  const whole = await loadDataset(dataset, "train", { ...where, limit: count });
  const test = await loadDataset(dataset, "test", where);
  const [train, validation] = splitDataset(whole, VALIDATION_FRACTION, seed);
  const identity = { train: identifyData(whole), test: identifyData(test) };
  return { train, validation, test, transfer: undefined, outside: [], identity };
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

/** The encoder that the flags name, where they name one. */
async function findEncoder({ pretrained, told, bn }: TrainFlags, signal: AbortSignal) {
  if (pretrained === undefined) return null;
  const path = await encoderFile(pretrained, signal);
  const about = pretrained === "imagenet" ? { ...told, ...imagenetNormalisation } : told;
  const encoder = await encoderOfFile(path, `encoder of ${basename(path)}`, about);
  if (!bn && encoder.options.batchNorm) {
    throw new Error(`--no-bn contradicts ${path}, whose weights have batch norm; leave it out.`);
  }
  console.error(`${path}: ${normalisationText(encoder.normalisation)}`);
  return encoder;
}

type FoundEncoder = Awaited<ReturnType<typeof findEncoder>>;

/** How the network is built, but for what the data decide. */
function modelParts(flags: TrainFlags, encoder: FoundEncoder): RunSpec["model"] {
  const { bn, dropout } = flags;
  const architecture = flags.model ?? encoder?.options.architecture ?? DEFAULT_MODEL;
  const { choosesStem } = MODEL_FACTS[architecture];
  const { stem = choosesStem ? "imagenet" : "cifar" } = flags;
  return {
    ...(architecture === DEFAULT_MODEL ? {} : { architecture }),
    stem: encoder?.options.stem ?? stem,
    batchNorm: encoder?.options.batchNorm ?? bn,
    dropout,
  };
}

/** What config.json holds: the same as for a run of the matrix. */
function configOfFlags(flags: TrainFlags, data: RunData, encoder: FoundEncoder): RunConfig {
  const { dataset, seed, demo, limit, pretrained, told } = flags;
  const trainLimit = limit ?? (demo ? DEMO_IMAGES : undefined);
  const spec = trainingSpec({
    dataset,
    seed,
    profile: demo ? "quick" : "standard",
    data: {
      source: data.train.source === "procedural" ? "procedural" : "real",
      ...(trainLimit === undefined ? {} : { trainLimit }),
      validationFraction: VALIDATION_FRACTION,
    },
    model: modelParts(flags, encoder),
    pretrained: pretrained === undefined ? undefined : encoderSource(pretrained, told),
    knobs: trainOptions(flags),
  });
  return configOf(spec, identityOf(spec, data, encoder), encoder?.options ?? null);
}

/** The model that the flags and the data describe, with the encoder's weights where one is named. */
async function createModel(
  flags: TrainFlags,
  { train }: RunData,
  encoder: FoundEncoder,
): Promise<Network> {
  const { mean, std } = encoder?.options ?? normalisationOf(train);
  const { told: { imageSize }, images, seed } = flags;
  const [height, width] = train.imageShape;
  const ofImages = images === undefined
    ? {}
    : { classes: train.classNames.length, imageSize: [height, width] as const };
  const { architecture = DEFAULT_MODEL, ...parts } = modelParts(flags, encoder);
  const model = makeNetwork(architecture, {
    ...parts,
    ...{ seed, mean: [...mean], std: [...std] },
    ...(imageSize === undefined ? {} : { imageSize }),
    ...ofImages,
  });
  if (encoder !== null) await loadCheckpoint(encoder.path, model, { skip: HEAD_PATTERN });
  return model;
}

/** The flags as options of `train`. */
function trainOptions({ knobs, demo, dataset, images }: TrainFlags) {
  const usual = images === undefined ? datasetDefinition(dataset).epochs : IMAGES_EPOCHS;
  const epochs = knobs.epochs ?? (demo ? DEMO_EPOCHS : usual);
  return { ...knobs, epochs };
}

async function saveCurves(
  directory: string,
  { seed }: TrainFlags,
  data: RunData,
  history: History,
) {
  const { name } = data.train;
  const title = `Training on ${knownDefinition(name)?.title ?? name}`;
  const subtitle = `${data.train.describe()} · seed ${seed}`;
  await trainingCurves(history, { title, subtitle }).save(join(directory, "training_curves"));
}

/** One sentence on how good the best checkpoint is on images that chose nothing. */
async function testSentence(model: Network, directory: string, test: Dataset, history: History) {
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
async function defaultDirectory({ dataset, images, seed }: TrainFlags): Promise<string> {
  const name = images === undefined ? dataset : await imageFolderName(images);
  return join(runsFolder(checkoutRoot()), `${name}-s${seed}`);
}

async function saveConfig(directory: string, config: RunConfig): Promise<void> {
  await writeAtomically(join(directory, RUN_FILES.config), JSON.stringify(config, null, 2) + "\n");
}

/** Lets config.json follow a run that is resumed with more epochs; for the rest it is as begun. */
async function followEpochs(directory: string, config: RunConfig): Promise<void> {
  const begun = await readJson(join(directory, RUN_FILES.config));
  if (begun === undefined) return;
  const epochs = (begun as Partial<RunConfig>).spec?.train.epochs;
  if (epochs !== undefined && epochs !== config.spec.train.epochs) {
    await saveConfig(directory, config);
  }
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
  const directory = flags.out ?? await defaultDirectory(flags);
  const options = trainOptions(flags);
  // What is wrong with flags or directory is said before any data are read.
  resolveSettings(options);
  await requireOutputFolder(
    directory,
    flags.out === undefined ? { within: runsFolder(checkoutRoot()) } : {},
  );
  await (flags.resume ? requireResumable(directory) : requireUnused(directory));
  const data: TrainingData = flags.images === undefined
    ? await loadData(flags)
    : await loadImages(flags.images, flags);
  console.error(
    `Training on ${data.train.describe()}; choosing on ${data.validation.length} held out`,
  );
  const encoder = await findEncoder(flags, signal);
  // Of own images `train` writes the config.json.
  const config = data.manifest === undefined ? configOfFlags(flags, data, encoder) : undefined;
  const model = await createModel(flags, data, encoder);
  // A run that is resumed keeps what it was begun with.
  if (!flags.resume && config !== undefined) await saveConfig(directory, config);
  if (!flags.resume && data.manifest !== undefined) await writeImagesFile(directory, data.manifest);
  const display = progressDisplay();
  try {
    const history = await train(model, {
      ...options,
      ...{ train: data.train, validation: data.validation },
      ...{ directory, resume: flags.resume, signal },
      onProgress: display.update,
      onEpoch: async (history) => {
        if (flags.resume && config !== undefined) await followEpochs(directory, config);
        await saveCurves(directory, flags, data, history);
      },
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
