/** Trains the model of a run into its directory, or takes a training that is there already. */
import { join } from "node:path";
import { copyFiles } from "../../files/copy_file.ts";
import { exists } from "../../files/exists.ts";
import { type KnownNormalisation, normalisationText } from "../../nn/checkpoint_options.ts";
import { loadCheckpoint } from "../../nn/checkpoint.ts";
import { type AnyNetworkOptions, makeNetwork } from "../../nn/architectures.ts";
import { HEAD_PATTERN } from "../../nn/model_names.ts";
import type { Network } from "../../nn/network_options.ts";
import { trainingCurves } from "../../plots/training_curves.ts";
import { describeSelection, type History } from "../../train/history.ts";
import type { Progress } from "../../train/options.ts";
import { train } from "../../train/train.ts";
import { findTraining } from "./_cache.ts";
import type { EncoderOptions } from "./encoder.ts";
import type { RunIdentity } from "./identify_run.ts";
import { readConfig } from "../records/record.ts";
import type { RunConfig } from "../records/schema.ts";
import { variantText } from "../specs/variant_text.ts";
import type { RunContext } from "./run_context.ts";
import { modelName, type RunSpec, trainingOptions } from "../specs/run_spec.ts";
import { percent } from "../../format/percent.ts";

const CLASSES = 10;

/** The model options that a run's weights are bound to. */
export function modelOptions(
  spec: RunSpec,
  { normalisation: { mean, std } }: Pick<RunConfig, "normalisation">,
): AnyNetworkOptions {
  const { architecture: _, ...model } = spec.model;
  return { ...model, classes: CLASSES, mean, std, seed: spec.seed };
}

/** The options of an encoder that is a run: its own model's. */
async function encoderOptions(directory: string): Promise<EncoderOptions> {
  const config = await readConfig(directory);
  if (config === undefined) throw new Error(`Expected a run in ${directory} but found none`);
  const { stem, batchNorm } = config.spec.model;
  const architecture = modelName(config.spec);
  return { architecture, stem, batchNorm, ...config.normalisation };
}

/** Weights to start from. */
export interface StartWeights {
  readonly path: string;
  readonly options: EncoderOptions;
  readonly keepHead: boolean;
  /** Of weights from a file. */
  readonly normalisation?: KnownNormalisation;
}

/**
 * Finds a run's first weights on disk; a run that they come from is made first.
 *
 * @param directoryOf Makes another run, if need be, and gives its directory.
 * @returns `null` for random weights.
 */
export async function startWeights(
  { encoder }: RunIdentity,
  directoryOf: (spec: RunSpec) => Promise<string>,
): Promise<StartWeights | null> {
  if (encoder === null) return null;
  if (encoder.kind === "file") {
    const { path, options, normalisation } = encoder;
    return { path, options, normalisation, keepHead: false };
  }
  const directory = await directoryOf(encoder.spec);
  return {
    path: join(directory, "best.safetensors"),
    options: await encoderOptions(directory),
    keepHead: encoder.keepHead,
  };
}

async function startModel(
  spec: RunSpec,
  config: RunConfig,
  start: StartWeights | null,
): Promise<Network> {
  const architecture = modelName(spec);
  if (start !== null && start.options.architecture !== architecture) {
    throw new RangeError(
      `Expected the encoder of ${spec.id} to be a ${architecture} but found a ` +
        `${start.options.architecture}`,
    );
  }
  const { stem, batchNorm } = start?.options ?? spec.model;
  if (stem !== spec.model.stem || batchNorm !== spec.model.batchNorm) {
    throw new RangeError(
      `Expected the encoder of ${spec.id} to have stem ${spec.model.stem} and batchNorm ` +
        `${spec.model.batchNorm} but found ${stem} and ${batchNorm}`,
    );
  }
  const model = makeNetwork(architecture, modelOptions(spec, config));
  if (start === null) return model;
  if (start.normalisation?.from === "assumed") {
    console.warn(`${start.path}: ${normalisationText(start.normalisation)}`);
  }
  try {
    await loadCheckpoint(start.path, model, start.keepHead ? {} : { skip: HEAD_PATTERN });
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The title of a run in charts. */
export function runTitle({ id, seed }: { readonly id: string; readonly seed: number }): string {
  return `${id} · seed ${seed}`;
}

/** Draws a history into training_curves.{svg,png}. */
export async function saveCurves(
  directory: string,
  config: RunConfig,
  history: History,
): Promise<void> {
  const variant = variantText(config.spec);
  const subtitle = config.description + (variant === undefined ? "" : ` · ${variant}`);
  const options = { title: runTitle(config), subtitle };
  await trainingCurves(history, options).save(join(directory, "training_curves"));
}

/** Copies a finished training of the same settings, so that only the evaluation is repeated. */
async function copyTraining(from: string, to: string): Promise<void> {
  const events: string[] = [];
  for await (const { name } of Deno.readDir(from)) {
    if (name.includes(".tfevents.")) events.push(name);
  }
  // The history last: it says that the rest is there.
  const weights = ["best.safetensors", "training_history.csv", "last.safetensors"];
  await copyFiles([...events, ...weights, "training_history.json"], from, to);
}

/** Lost weights cannot be evaluated: then training starts over, with a warning. */
async function startAgainWithoutBest(directory: string): Promise<void> {
  const files = ["last.safetensors", "training_history.csv", "training_history.json"];
  const paths = files.map((name) => join(directory, name));
  // The history is written after the first best weights.
  if (!await exists(paths[2]!) || await exists(join(directory, "best.safetensors"))) return;
  console.warn(`${directory} has lost its best.safetensors. The run is trained again.`);
  for (const path of paths) if (await exists(path)) await Deno.remove(path);
}

function percentDone({ epoch, epochs, batch, batches }: Progress): number {
  return (epoch - 1 + batch / batches) / epochs;
}

function describeProgress(progress: Progress): string {
  const { epoch, epochs, loss, accuracy, imagesPerSecond } = progress;
  const selection = describeSelection(progress.selectBy);
  return `epoch ${epoch}/${epochs}, loss ${loss.toFixed(3)}, accuracy ` +
    `${percent(accuracy)}, ${imagesPerSecond.toFixed(0)} images/s` +
    (selection === undefined ? "" : `, best by ${selection}`);
}

/**
 * Trains a run in its directory; a run that was interrupted continues after its last epoch.
 *
 * @returns The history; best.safetensors holds the best epoch, which `selectBy` of the spec chose.
 */
export async function trainRun(
  spec: RunSpec,
  directory: string,
  config: RunConfig,
  { data, start, context }: {
    readonly data: RunIdentity["data"];
    readonly start: StartWeights | null;
    readonly context: RunContext;
  },
): Promise<History> {
  const same = await findTraining(context.root, spec, config.trainingHash);
  if (same !== undefined && same !== directory) await copyTraining(same, directory);
  await startAgainWithoutBest(directory);
  const model = await startModel(spec, config, start);
  try {
    const history = await train(model, {
      ...trainingOptions(spec.train),
      train: data.train,
      validation: data.validation,
      seed: spec.seed,
      directory,
      resume: true,
      onProgress: (progress) =>
        context.onProgress({
          id: spec.id,
          seed: spec.seed,
          stage: "training",
          fraction: percentDone(progress),
          detail: describeProgress(progress),
        }),
      signal: context.signal,
    });
    await saveCurves(directory, config, history);
    return history;
  } finally {
    model.dispose();
  }
}
