/** Evaluates a trained run on its own test split and on the domain it is transferred to. */
import { join } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import { withLease } from "../../files/lease.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import { coralDistance } from "../../metrics/representation/coral_distance.ts";
import { proxyADistance } from "../../metrics/representation/proxy_a_distance.ts";
import { loadCheckpoint } from "../../nn/checkpoint.ts";
import { makeNetwork } from "../../nn/architectures.ts";
import type { Network } from "../../nn/network_options.ts";
import { firstImages } from "../../data/first_images.ts";
import { collectPredictions } from "../../train/collect_predictions.ts";
import { monteCarloDropout } from "../../train/monte_carlo_dropout.ts";
import type { RunData } from "./data_provider.ts";
import {
  evaluateModel,
  type FurtherOutputs,
  type ModelEvaluation,
  type Shift,
} from "./evaluate_model.ts";
import { adaptBatchNorm } from "./measure/adapt_batch_norm.ts";
import { featurePoints } from "./measure/feature_points.ts";
import { measureNovelty } from "./measure/outside.ts";
import { featuresOf } from "./measure/representation.ts";
import { writePredictions } from "../records/predictions_file.ts";
import type { Provenance, RunConfig, StoredDomain } from "../records/schema.ts";
import { variantText } from "../specs/variant_text.ts";
import type { MakeContext } from "./run_context.ts";
import { evaluationName } from "../records/run_paths.ts";
import { modelName } from "../specs/run_spec.ts";
import { modelOptions } from "./_train_run.ts";

/** Loads the best weights of a run; dispose the model. */
export async function loadRunModel(directory: string, config: RunConfig): Promise<Network> {
  const model = makeNetwork(modelName(config.spec), modelOptions(config.spec, config));
  try {
    await loadCheckpoint(join(directory, "best.safetensors"), model);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Predictions on the target with batch norm's statistics re-estimated there; the model is a copy. */
async function adaptedPredictions(
  directory: string,
  config: RunConfig,
  target: Dataset,
): Promise<Predictions> {
  const { batchSize } = config.spec.evaluation;
  const model = await loadRunModel(directory, config);
  try {
    adaptBatchNorm(model, target, { batchSize, seed: config.seed });
    return await collectPredictions(model, target, { batchSize });
  } finally {
    model.dispose();
  }
}

/** Mean and standard deviation of each image's bytes, N x 2. */
function pixelStatistics({ images, length }: Dataset): Float64Array {
  const size = images.length / length;
  const rows = new Float64Array(2 * length);
  for (let i = 0; i < length; i++) {
    const bytes = images.subarray(i * size, (i + 1) * size);
    const mean = bytes.reduce((sum, byte) => sum + byte, 0) / size;
    const squares = bytes.reduce((sum, byte) => sum + (byte - mean) ** 2, 0);
    rows.set([mean, Math.sqrt(squares / size)], 2 * i);
  }
  return rows;
}

/** Distances between the domains, with what they come to where there is nothing to tell apart. */
function domainGap(
  [source, target]: readonly [Predictions, Predictions],
  [own, other]: readonly [Dataset, Dataset],
  config: RunConfig,
): StoredDomain {
  const options = { seed: config.seed, limit: config.spec.evaluation.mapImages };
  const [here, there] = [featuresOf(source), featuresOf(target)];
  const width = here.length / source.length;
  const middle = width * Math.floor(source.length / 2);
  const halves = [here.subarray(0, middle), here.subarray(middle)] as const;
  const { distance } = proxyADistance(here, there, width, options);
  const numbers = proxyADistance(pixelStatistics(own), pixelStatistics(other), 2, options);
  return {
    controls: {
      sameDomain: proxyADistance(...halves, width, options).distance,
      twoNumbers: numbers.distance,
      coral: coralDistance(here, there, width),
      coralSameDomain: coralDistance(...halves, width),
    },
    sourceName: evaluationName(config.spec.dataset, "test"),
    proxyADistance: distance,
    sourceImages: source.length,
    targetImages: target.length,
  };
}

/** Writes predictions and metrics; metrics.json last: it marks the evaluation as finished. */
export async function writeEvaluation(
  directory: string,
  { evaluation, file, content }: ModelEvaluation,
): Promise<void> {
  const path = join(directory, file.name);
  // Whoever opens the file finds every number; the lab reads the stored ones and computes the others.
  const extra = { fittedOn: file.fittedOn, traces: file.traces };
  await writePredictions(`${path}.predictions.safetensors`, content);
  await writeAtomically(
    `${path}.metrics.json`,
    JSON.stringify({ ...evaluation, ...extra }, null, 1) + "\n",
  );
}

/** What the evaluations of one run share. */
interface Task {
  readonly directory: string;
  readonly config: RunConfig;
  readonly model: Network;
  readonly data: RunData;
  readonly heldOut: Predictions;
  readonly source: Predictions;
  readonly provenance: Omit<Provenance, "finished" | "evaluationSeconds">;
  readonly context: MakeContext;
}

function report({ config, context }: Task, fraction: number, detail: string): void {
  const { id, seed } = config;
  context.onProgress({ id, seed, stage: "evaluation", fraction, detail });
}

function settingsOf({ config, heldOut, provenance, context, data }: Task, of: "test" | "transfer") {
  const { selectBy } = config.spec.train;
  const variant = variantText(config.spec);
  return {
    run: config.id,
    seed: config.seed,
    options: config.spec.evaluation,
    heldOut: { predictions: heldOut, description: data.validation.describe() },
    provenance: {
      ...provenance,
      data: config.data[of],
      numericsVersion: config.numericsVersion,
      ...(selectBy === "robustAccuracy" ? { selectBy } : {}),
      ...(variant === undefined ? {} : { variant }),
    },
    signal: context.signal,
  };
}

async function evaluateTransfer(task: Task, target: Dataset): Promise<void> {
  const { directory, config, model, data, source, context } = task;
  const { batchSize, mapImages, adaptBatchNorm: adapts } = config.spec.evaluation;
  const predictions = await collectPredictions(model, target, { batchSize, features: true });
  const shift: Shift = {
    domain: domainGap([source, predictions], [data.test, target], config),
    source,
    adapted: adapts ? await adaptedPredictions(directory, config, target) : undefined,
    map: mapImages === 0
      ? undefined
      : featurePoints([source, predictions], Math.ceil(mapImages / 2), config.seed),
  };
  const result = await evaluateModel(model, target, {
    ...settingsOf(task, "transfer"),
    predictions,
    shift,
    attacked: false,
    onProgress: (fraction, detail) => report(task, 0.2 * fraction, detail),
  });
  await context.drawCharts(directory, result);
  await writeEvaluation(directory, result);
}

/** The model's answers that the spec asks for beside those to the test images. */
async function furtherOutputs(
  { config: { spec, seed }, model, data, source, context: { signal } }: Task,
): Promise<FurtherOutputs> {
  const { batchSize, memberImages, dropoutPasses: passes, outside } = spec.evaluation;
  const further: { -readonly [K in keyof FurtherOutputs]: FurtherOutputs[K] } = {};
  if (memberImages !== undefined) {
    const members = firstImages(data.train, memberImages);
    const predictions = await collectPredictions(model, members, { batchSize, signal });
    further.members = { predictions, description: members.describe() };
  }
  const rate = spec.model.dropout;
  if (passes !== undefined && rate > 0) {
    const drawn = { passes, seed, batchSize, signal };
    const predictions = await monteCarloDropout(model, data.test, drawn);
    further.dropout = { predictions, passes, rate };
  }
  if (outside !== undefined) {
    const { images } = outside;
    const sets = { train: data.train, inside: source, outside: data.outside };
    const outputs = await measureNovelty(model, sets, { images, batchSize, signal });
    const descriptions = data.outside.map((set) => firstImages(set, images).describe());
    further.novelty = { outputs, descriptions };
  }
  return further;
}

/**
 * Evaluates best.safetensors of a run and writes charts, predictions and metrics into its directory.
 *
 * @param directory A run directory with weights.
 * @param config Its config.json.
 * @param data The run's images.
 * @throws {Error} If another process works in the directory.
 * @throws {DOMException} AbortError once the signal is aborted.
 */
export async function evaluateRun(
  directory: string,
  config: RunConfig,
  data: RunData,
  context: MakeContext,
): Promise<void> {
  const task = (signal: AbortSignal) => evaluate(directory, config, data, { ...context, signal });
  await withLease(directory, task, { signal: context.signal });
}

async function evaluate(
  directory: string,
  config: RunConfig,
  data: RunData,
  context: MakeContext,
): Promise<void> {
  const { batchSize } = config.spec.evaluation;
  const model = await loadRunModel(directory, config);
  try {
    const collect = { batchSize, signal: context.signal };
    const source = await collectPredictions(model, data.test, { ...collect, features: true });
    const heldOut = await collectPredictions(model, data.validation, collect);
    const environment = await context.environment();
    const trainedOn = config.description;
    const provenance = { hash: config.hash, trainedOn, ...environment };
    const task = { directory, config, model, data, heldOut, source, provenance, context };
    if (data.transfer !== undefined) await evaluateTransfer(task, data.transfer);
    report(task, 0.2, "answers to other images");
    const result = await evaluateModel(model, data.test, {
      ...settingsOf(task, "test"),
      predictions: source,
      further: await furtherOutputs(task),
      noiseSigma: config.spec.train.noiseSigma,
      attacked: true,
      onProgress: (fraction, detail) => report(task, 0.2 + 0.8 * fraction, detail),
    });
    await context.drawCharts(directory, result);
    await writeEvaluation(directory, result);
  } finally {
    model.dispose();
  }
}
