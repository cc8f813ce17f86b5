/** What `deno task train` does once its flags are read. */
import { basename, join } from "node:path";
import { type Dataset, datasetDefinition } from "../../data/dataset.ts";
import { loadDataset } from "../../data/load_dataset.ts";
import { splitDataset } from "../../data/split_dataset.ts";
import { encoderOfFile } from "../../experiments/runs/encoder.ts";
import { imagenetWeights } from "../../experiments/runs/imagenet_weights.ts";
import type { RunData } from "../../experiments/runs/data_provider.ts";
import { identityOf } from "../../experiments/runs/identify_run.ts";
import { configOf } from "../../experiments/runs/run_config.ts";
import type { RunConfig } from "../../experiments/records/schema.ts";
import { encoderSource } from "../../experiments/specs/choose_runs.ts";
import { trainingSpec } from "../../experiments/specs/training_spec.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import { checkoutRoot, runsFolder } from "../../experiments/records/run_paths.ts";
import { readJson } from "../../files/read_json.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { accuracy } from "../../metrics/accuracy.ts";
import { wilsonInterval } from "../../metrics/wilson_interval.ts";
import {
  imagenetNormalisation,
  normalisationText,
  type ToldOptions,
} from "../../nn/checkpoint_options.ts";
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
import type { TrainFlags } from "./flags.ts";
import { INTERVAL_95, percent, points } from "../../format/percent.ts";

/** Share of the training images that every choice is made on. */
const VALIDATION_FRACTION = 0.1;
const DEMO_IMAGES = 1000;
const DEMO_EPOCHS = 2;

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

/** What config.json holds: the same as for a run of the matrix. */
function configOfFlags(flags: TrainFlags, data: RunData, encoder: FoundEncoder): RunConfig {
  const { dataset, seed, demo, limit, pretrained, told } = flags;
  const { bn, dropout } = flags;
  const architecture = flags.model ?? encoder?.options.architecture ?? DEFAULT_MODEL;
  const { choosesStem } = MODEL_FACTS[architecture];
  const { stem = choosesStem ? "imagenet" : "cifar" } = flags;
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
    model: {
      ...(architecture === DEFAULT_MODEL ? {} : { architecture }),
      stem: encoder?.options.stem ?? stem,
      batchNorm: encoder?.options.batchNorm ?? bn,
      dropout,
    },
    pretrained: pretrained === undefined ? undefined : encoderSource(pretrained, told),
    knobs: trainOptions(flags),
  });
  return configOf(spec, identityOf(spec, data, encoder), encoder?.options ?? null);
}

/** The model that a config describes, with the encoder's weights where it names one. */
async function createModel(
  { spec, normalisation: { mean, std } }: RunConfig,
  encoder: FoundEncoder,
  { imageSize }: ToldOptions,
): Promise<Network> {
  const size = imageSize === undefined ? {} : { imageSize };
  const { architecture = DEFAULT_MODEL, ...options } = spec.model;
  const model = makeNetwork(architecture, { ...options, seed: spec.seed, mean, std, ...size });
  if (encoder !== null) await loadCheckpoint(encoder.path, model, { skip: HEAD_PATTERN });
  return model;
}

/** The flags as options of `train`. */
function trainOptions({ knobs, demo, dataset }: TrainFlags) {
  const epochs = knobs.epochs ?? (demo ? DEMO_EPOCHS : datasetDefinition(dataset).epochs);
  return { ...knobs, epochs };
}

async function saveCurves(
  directory: string,
  { dataset, seed }: TrainFlags,
  data: RunData,
  history: History,
) {
  const title = `Training on ${datasetDefinition(dataset).title}`;
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
function defaultDirectory({ dataset, seed }: TrainFlags): string {
  return join(runsFolder(checkoutRoot()), `${dataset}-s${seed}`);
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
  const encoder = await findEncoder(flags, signal);
  const config = configOfFlags(flags, data, encoder);
  const model = await createModel(config, encoder, flags.told);
  // A run that is resumed keeps what it was begun with.
  if (!flags.resume) await saveConfig(directory, config);
  const display = progressDisplay();
  try {
    const history = await train(model, {
      ...options,
      ...{ train: data.train, validation: data.validation },
      ...{ directory, resume: flags.resume, signal },
      onProgress: display.update,
      onEpoch: async (history) => {
        if (flags.resume) await followEpochs(directory, config);
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
