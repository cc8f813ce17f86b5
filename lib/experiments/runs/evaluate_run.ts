/** Evaluates a trained run on its own test split and on the domain it is transferred to. */
import { join } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import { withLease } from "../../files/lease.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import { calibrationError } from "../../metrics/calibration_error.ts";
import { negativeLogLikelihood } from "../../metrics/negative_log_likelihood.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import { accuracy } from "../../metrics/accuracy.ts";
import { proxyADistance } from "../../metrics/representation/proxy_a_distance.ts";
import { loadCheckpoint } from "../../nn/checkpoint.ts";
import { type ResNet18, resnet18 } from "../../nn/resnet18.ts";
import { collectPredictions } from "../../train/collect_predictions.ts";
import type { RunData } from "./data_provider.ts";
import {
  type AdaptedResult,
  type DomainGap,
  evaluationToJson,
  type Provenance,
} from "../records/evaluation.ts";
import { evaluateModel, type ModelEvaluation, type Shift } from "./evaluate_model.ts";
import { adaptBatchNorm } from "./measure/adapt_batch_norm.ts";
import { featurePoints } from "./measure/feature_points.ts";
import { proportionOf } from "./measure/prediction_metrics.ts";
import { featuresOf } from "./measure/representation.ts";
import { writePredictions } from "../records/predictions_file.ts";
import type { RunConfig } from "../records/schema.ts";
import type { MakeContext } from "./run_context.ts";
import { evaluationName } from "../records/run_paths.ts";
import { modelOptions } from "./train_run.ts";

/** Loads the best weights of a run; dispose the model. */
export async function loadRunModel(directory: string, config: RunConfig): Promise<ResNet18> {
  const model = resnet18(modelOptions(config.spec, config));
  try {
    await loadCheckpoint(join(directory, "best.safetensors"), model);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Accuracy on the target with batch norm's statistics re-estimated there; the model is a copy. */
async function adaptedResult(
  directory: string,
  config: RunConfig,
  target: Dataset,
): Promise<AdaptedResult> {
  const { batchSize, bins } = config.spec.evaluation;
  const model = await loadRunModel(directory, config);
  try {
    adaptBatchNorm(model, target, { batchSize, seed: config.seed });
    const p = await collectPredictions(model, target, { batchSize });
    return {
      ...proportionOf(Math.round(accuracy(p) * p.length), p.length),
      ece: calibrationError(p, { bins }),
      nll: negativeLogLikelihood(p),
    };
  } finally {
    model.dispose();
  }
}

function domainGap(source: Predictions, target: Predictions, config: RunConfig): DomainGap {
  const width = featuresOf(source).length / source.length;
  const { distance } = proxyADistance(featuresOf(source), featuresOf(target), width, {
    seed: config.seed,
    limit: config.spec.evaluation.mapImages,
  });
  return {
    sourceName: evaluationName(config.spec.dataset, "test"),
    sourceRisk: 1 - accuracy(source),
    targetRisk: 1 - accuracy(target),
    proxyADistance: distance,
    sourceImages: source.length,
    targetImages: target.length,
  };
}

/** Writes predictions and metrics; metrics.json last: it marks the evaluation as finished. */
export async function writeEvaluation(
  directory: string,
  { evaluation, content }: ModelEvaluation,
): Promise<void> {
  const path = join(directory, evaluation.name);
  await writePredictions(`${path}.predictions.safetensors`, content);
  await writeAtomically(`${path}.metrics.json`, evaluationToJson(evaluation));
}

/** What the evaluations of one run share. */
interface Task {
  readonly directory: string;
  readonly config: RunConfig;
  readonly model: ResNet18;
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
  return {
    run: config.id,
    seed: config.seed,
    options: config.spec.evaluation,
    heldOut: { predictions: heldOut, description: data.validation.describe() },
    provenance: { ...provenance, data: config.data[of], numericsVersion: config.numericsVersion },
    signal: context.signal,
  };
}

async function evaluateTransfer(task: Task, target: Dataset): Promise<void> {
  const { directory, config, model, source, context } = task;
  const { batchSize, mapImages, adaptBatchNorm: adapts } = config.spec.evaluation;
  const predictions = await collectPredictions(model, target, { batchSize, features: true });
  const shift: Shift = {
    domain: domainGap(source, predictions, config),
    adapted: adapts ? await adaptedResult(directory, config, target) : null,
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
    const { commit, versions, hardware } = await context.environment();
    const trainedOn = config.description;
    const provenance = { hash: config.hash, trainedOn, commit, versions, hardware };
    const task = { directory, config, model, data, heldOut, source, provenance, context };
    if (data.transfer !== undefined) await evaluateTransfer(task, data.transfer);
    const result = await evaluateModel(model, data.test, {
      ...settingsOf(task, "test"),
      predictions: source,
      attacked: true,
      onProgress: (fraction, detail) => report(task, 0.2 + 0.8 * fraction, detail),
    });
    await context.drawCharts(directory, result);
    await writeEvaluation(directory, result);
  } finally {
    model.dispose();
  }
}
