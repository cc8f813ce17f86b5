/** A checkpoint on the command line: its model, and what is known about its training. */
import { basename, dirname, join } from "node:path";
import {
  type Dataset,
  datasetDefinition,
  type DatasetName,
  datasetNames,
} from "../../data/dataset.ts";
import { loadDataset, type LoadOptions } from "../../data/load_dataset.ts";
import { splitDataset } from "../../data/split_dataset.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import {
  checkpointOptions,
  type KnownNormalisation,
  type ToldOptions,
} from "../../nn/checkpoint_options.ts";
import { loadCheckpoint } from "../../nn/checkpoint.ts";
import { makeNetwork } from "../../nn/architectures.ts";
import { MODEL_FACTS } from "../../nn/model_names.ts";
import type { Network } from "../../nn/network_options.ts";
import { readSafetensors } from "../../nn/read_safetensors.ts";
import { collectPredictions } from "../../train/collect_predictions.ts";
import { CONFIG_KEY, identifyData } from "../../train/run_directory.ts";
import { sha256 } from "../../format/sha256.ts";
import { type HeldOut, type KnownTraining, knownTraining } from "./_known_training.ts";
import { validationImages } from "./unseen_images.ts";

/** An opened checkpoint; dispose its model. */
export interface Checkpoint {
  readonly model: Network;
  /** The network, as a text names it, e.g. "ResNet-34". */
  readonly title: string;
  readonly normalisation: KnownNormalisation;
  /** What of the model only the tensors' shapes tell; "" if nothing. */
  readonly revealed: string;
  /** One of the lab's data sets to test on; undefined where own images are. */
  readonly dataset: DatasetName | undefined;
  /** Name of the run in charts. */
  readonly run: string;
  readonly seed: number;
  /** Which data the run was trained on, where that is known. */
  readonly trainedDataset: DatasetName | undefined;
  readonly trainedOn: string;
  /** What chose its epoch, where that was not the usual validation accuracy. */
  readonly selection: { readonly selectBy?: "robustAccuracy" };
  /** What is known about the images that the run held out. */
  readonly heldOut: HeldOut | undefined;
  /** The folder it lies in. */
  readonly folder: string;
  /** SHA-256 of the file. */
  readonly digest: string;
  /** Where an evaluation is written unless told otherwise. */
  readonly output: string;
}

/** A checkpoint to be tested on one of the lab's data sets. */
export interface DatasetCheckpoint extends Checkpoint {
  readonly dataset: DatasetName;
}

/** What config.json says, and whether the checkpoint bears it out. */
function trainedOnText(
  training: KnownTraining | undefined,
  metadata: Readonly<Record<string, string>>,
): string {
  if (training?.trainedOn === undefined) return "unknown";
  const isBound = metadata[CONFIG_KEY] === training.configDigest;
  return isBound ? training.trainedOn : `${training.trainedOn} (claimed by config.json)`;
}

/** Requires that a checkpoint tells as many classes apart as a dataset has. */
function requireItsClasses(path: string, dataset: DatasetName, classes: number | undefined): void {
  const { title, classNames } = datasetDefinition(dataset);
  if (classes === undefined || classes === classNames.length) return;
  throw new Error(
    `Cannot evaluate ${path} on ${title}: it tells ${classes} classes apart, ${title} has ` +
      `${classNames.length}; train a new last layer with deno task train --pretrained.`,
  );
}

/**
 * Opens a checkpoint.
 *
 * @param path A safetensors file.
 * @param asked What to test on: a dataset or "images", a folder of own ones; default the dataset it was
 * trained on.
 * @param told What the caller says about a file without the lab's metadata.
 * @throws {Error} If the file is missing, damaged or of no network of the lab, or the dataset is not known.
 */
export async function openCheckpoint(
  path: string,
  asked: DatasetName | undefined,
  told?: ToldOptions,
): Promise<DatasetCheckpoint>;
export async function openCheckpoint(
  path: string,
  asked: DatasetName | "images" | undefined,
  told?: ToldOptions,
): Promise<Checkpoint>;
export async function openCheckpoint(
  path: string,
  asked: DatasetName | "images" | undefined,
  told: ToldOptions = {},
): Promise<Checkpoint> {
  const content = await readSafetensors(path, "the checkpoint");
  const { architecture, options, normalisation, revealed } = checkpointOptions(path, content, told);
  const training = await knownTraining(path);
  const trainedName = training?.dataset;
  const trainedDataset = datasetNames.find((name) => name === trainedName);
  const dataset = asked === "images" ? undefined : asked ?? trainedDataset;
  if (dataset === undefined && asked !== "images") {
    throw new Error(
      trainedName === undefined
        ? `No config.json beside ${path} says what it was trained on: name the test data with --dataset.`
        : `${path} was trained on "${trainedName}", which is not one of the lab's data sets: name ` +
          "the test data with --dataset, or the folder of pictures with --images.",
    );
  }
  if (dataset !== undefined) requireItsClasses(path, dataset, options.classes);
  const model = makeNetwork(architecture, options);
  try {
    await loadCheckpoint(path, model);
  } catch (error) {
    model.dispose();
    throw error;
  }
  const folder = dirname(path);
  return {
    model,
    title: MODEL_FACTS[architecture].title,
    dataset,
    run: training?.id ?? (basename(folder) || basename(path)),
    seed: training?.seed ?? 0,
    trainedDataset,
    trainedOn: trainedOnText(training, content.metadata),
    selection: content.metadata["selectBy"] === "robustAccuracy"
      ? { selectBy: "robustAccuracy" }
      : {},
    heldOut: training?.heldOut,
    normalisation,
    revealed,
    folder,
    digest: sha256(content.bytes),
    output: training?.cached ? join(folder, "eval") : folder,
  };
}

/**
 * Predictions on the training images that the run held out.
 *
 * @throws {Error} If they are not known, or the data at hand are not those of the run.
 */
export async function heldOutPredictions(
  checkpoint: Checkpoint,
  location: LoadOptions | { readonly images: string },
  batchSize: number,
): Promise<{ predictions: Predictions; description: string }> {
  const part = "images" in location
    ? await validationImages(location.images, checkpoint)
    : await heldOutImages(checkpoint, location);
  const predictions = await collectPredictions(checkpoint.model, part, { batchSize });
  return { predictions, description: part.describe() };
}

/** The images of one of the lab's data sets that the run held out. */
async function heldOutImages(
  { seed, trainedDataset, heldOut }: Checkpoint,
  location: LoadOptions,
): Promise<Dataset> {
  if (trainedDataset === undefined || heldOut === undefined) {
    throw new Error(
      "No config.json beside the checkpoint says which images the run held out: leave out " +
        "--temperature-scaling.",
    );
  }
  const { whole, fraction, sha256 } = heldOut;
  const train = await loadDataset(trainedDataset, "train", { ...location, limit: whole });
  const [, part] = splitDataset(train, fraction, seed);
  const found = identifyData("whole" in sha256 ? train : part).sha256;
  if (found !== ("whole" in sha256 ? sha256.whole : sha256.part)) {
    throw new Error(
      `The training images at hand (${train.describe()}) are not those of the run, so its held-out ` +
        "images are not known: name the run's data with --data, or leave out --temperature-scaling.",
    );
  }
  return part;
}
