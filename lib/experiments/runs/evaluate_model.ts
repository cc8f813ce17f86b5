/** Measures a model on one dataset: every number and everything that the charts are drawn from. */
import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import type { KnownNormalisation } from "../../nn/checkpoint_options.ts";
import type { Classifier } from "../../nn/classifier.ts";
import { requireFitting } from "../../nn/require_fitting.ts";
import { firstImages } from "../../data/first_images.ts";
import { collectPredictions } from "../../train/collect_predictions.ts";
import { completeEvaluation, type Evaluation } from "../records/complete_evaluation.ts";
import type { NewEvaluationFile, Provenance, StoredDomain } from "../records/schema.ts";
import { type AttackMeasures, measureAttacks, NO_ATTACKS } from "./measure/attacks.ts";
import { measureAutoAttack } from "./measure/auto_attack.ts";
import { measureCertificates } from "./measure/certificates.ts";
import { measureCorruptions } from "./measure/corruptions.ts";
import { attackedPredictions, attackedSummary } from "./measure/attacked_predictions.ts";
import { exampleImages, type Examples } from "./measure/examples.ts";
import { featurePoints } from "./measure/feature_points.ts";
import { inputGradientNorm } from "./measure/input_gradient_norm.ts";
import { metricLoss } from "./measure/metric_loss.ts";
import { representationOf } from "./measure/representation.ts";
import { describedTraces, traceImages } from "./measure/trace_images.ts";
import type { FeaturePoints, Novelty, PredictionsContent } from "../records/predictions_file.ts";
import { evaluationName } from "../records/run_paths.ts";
import { evaluationNames, type EvaluationOptions } from "../specs/run_spec.ts";
import { requireParts } from "../../arguments/require.ts";

/** What is known about the way from the training domain to the evaluated one. */
export interface Shift {
  /** Name of the source, the proxy A-distance and the images it was measured on. */
  readonly domain: StoredDomain;
  /** Predictions of the run on its own test split. */
  readonly source: Predictions;
  /** Predictions with adapted batch norm. */
  readonly adapted: Predictions | undefined;
  /** Both domains' features in one map; undefined if no map was made. */
  readonly map: FeaturePoints | undefined;
}

/** Answers of the model to other images than those evaluated, and by other means. */
export interface FurtherOutputs {
  /** On the first images that it was trained on. */
  readonly members?: { readonly predictions: Predictions; readonly description: string };
  /** By Monte-Carlo dropout. */
  readonly dropout?: {
    readonly predictions: Predictions;
    readonly passes: number;
    readonly rate: number;
  };
  /** On other data sets. */
  readonly novelty?: { readonly outputs: Novelty; readonly descriptions: readonly string[] };
}

/** Settings of {@linkcode evaluateModel}. */
export interface EvaluateModelOptions {
  /** Name of the model in tables. */
  readonly run: string;
  /** Seed of everything that is drawn at random. */
  readonly seed: number;
  /** What is measured, with which budgets and on how many images. */
  readonly options: EvaluationOptions;
  /** Predictions on held-out images for the temperature; without them none is fitted. */
  readonly heldOut?: { readonly predictions: Predictions; readonly description: string };
  /** Outputs with features, where they are known already. */
  readonly predictions?: Predictions;
  /** What the model does to pixels, where that is worth a record; default: none. */
  readonly normalisation?: KnownNormalisation;
  /** The way from the training domain, where the evaluated data comes from another one. */
  readonly shift?: Shift;
  /** What else the model answered, for the record. */
  readonly further?: FurtherOutputs;
  /** Standard deviation of the noise that the model was trained with; certificates take the same. */
  readonly noiseSigma?: number | undefined;
  /** `false`: no attack is run, whatever the options say. */
  readonly attacked: boolean;
  /** How and where the metrics are made, but for the end and the duration of the evaluation. */
  readonly provenance: Omit<Provenance, "finished" | "evaluationSeconds">;
  /** Called with the share that is done, in [0, 1], and the step at work. */
  readonly onProgress?: (fraction: number, detail: string) => void;
  /** Stops the evaluation: its promise rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

const optionNames: OptionNames<EvaluateModelOptions> = {
  run: true,
  seed: true,
  options: evaluationNames,
  heldOut: true,
  predictions: true,
  shift: true,
  further: true,
  noiseSigma: true,
  attacked: true,
  normalisation: true,
  provenance: true,
  onProgress: true,
  signal: true,
};

/** A model's evaluation with what its charts need. */
export interface ModelEvaluation {
  /** All metrics. */
  readonly evaluation: Evaluation;
  /** What of it is stored beside the content. */
  readonly file: NewEvaluationFile;
  /** The predictions and maps that charts are drawn from. */
  readonly content: PredictionsContent;
  /** Images of the example grid, which are not kept on disk as such. */
  readonly examples: Examples | undefined;
}

/** The part of an evaluation that attacks the model. */
async function attackModel(
  model: Classifier,
  data: Dataset,
  predictions: Predictions,
  settings: EvaluateModelOptions,
) {
  const { options, seed, signal, onProgress = () => {} } = settings;
  if (!settings.attacked || options.attackImages === 0) {
    return { measures: NO_ATTACKS, attacked: undefined, map: undefined, traces: undefined };
  }
  const measures: AttackMeasures = await measureAttacks(model, data, {
    options,
    seed,
    signal,
    // What takes long and is not always asked for comes after.
    onProgress: (fraction, detail) => onProgress(0.1 + 0.35 * fraction, detail),
  });
  onProgress(0.45, "answers to attacked images");
  const attacked = await attackedPredictions(model, data, { options, seed, signal });
  const shown = Math.min(attacked.length, options.mapImages);
  return {
    measures,
    attacked,
    traces: traceImages(model, data, predictions, { options, seed }),
    map: shown === 0 ? undefined : featurePoints([predictions, attacked], shown, seed),
  };
}

/** What takes long and is measured only where the options ask for it. */
async function measureFurther(
  model: Classifier,
  data: Dataset,
  settings: EvaluateModelOptions,
) {
  const { options, seed, signal, noiseSigma, attacked, onProgress = () => {} } = settings;
  const { autoAttackImages, corruptionImages, certifiedImages } = options;
  const context = (from: number, to: number) => ({
    options,
    seed,
    signal,
    onProgress: (fraction: number, detail: string) =>
      onProgress(from + (to - from) * fraction, detail),
  });
  if (!attacked) return { attack: undefined, file: {} };
  const corruptions = corruptionImages === undefined
    ? undefined
    : await measureCorruptions(model, data, corruptionImages, context(0.5, 0.55));
  const certificates = certifiedImages === undefined || noiseSigma === undefined
    ? undefined
    : await measureCertificates(
      model,
      data,
      { images: certifiedImages, sigma: noiseSigma },
      context(0.55, 0.6),
    );
  const attack = autoAttackImages === undefined ? undefined : await measureAutoAttack(
    model,
    data,
    seed === 0 ? autoAttackImages.seed0 : autoAttackImages.others,
    context(0.6, 1),
  );
  return {
    attack: attack?.result,
    file: {
      ...(attack ? { autoAttack: attack.parts } : {}),
      ...(corruptions ? { corruptions } : {}),
      ...(certificates ? { certificates } : {}),
    },
  };
}

/** What of the further outputs stands in metrics.json. */
function describedFurther({ members, dropout, novelty }: FurtherOutputs) {
  return {
    ...(members
      ? { members: { description: members.description, n: members.predictions.length } }
      : {}),
    ...(dropout ? { dropout: { passes: dropout.passes, rate: dropout.rate } } : {}),
    ...(novelty
      ? {
        outside: novelty.outputs.sets.map(({ name, predictions }, k) => ({
          name,
          description: novelty.descriptions[k]!,
          n: predictions.length,
        })),
      }
      : {}),
  };
}

/** The part of an evaluation that is about the images as they are. */
function measureClean(
  model: Classifier,
  data: Dataset,
  predictions: Predictions,
  { options, heldOut, attacked }: EvaluateModelOptions,
) {
  const { bins, batchSize, mapImages, gradientImages } = options;
  return {
    n: predictions.length,
    bins,
    fittedOn: heldOut?.description ?? null,
    representation: mapImages === 0 ? null : representationOf(predictions, mapImages),
    ...(mapImages === 0 ? {} : { metricLoss: metricLoss(predictions, mapImages) }),
    // The gradient in the pixels is the first step of an attack.
    inputGradientNorm: attacked && gradientImages > 0
      ? inputGradientNorm(model, firstImages(data, gradientImages), batchSize)
      : null,
  };
}

function described(points: FeaturePoints | undefined) {
  return points === undefined ? null : { method: points.method, n: points.labels.length };
}

/** What and where was evaluated. */
function identityOf(
  data: Dataset,
  { run, seed, options, normalisation }: EvaluateModelOptions,
) {
  return {
    schema: 2,
    name: evaluationName(data.name, data.split),
    run,
    dataset: data.name,
    split: data.split,
    source: data.source,
    description: data.describe(),
    classNames: data.classNames,
    seed,
    ...(normalisation ? { normalisation } : {}),
    epsilon: options.epsilon,
  } as const;
}

/**
 * Measures a model on a dataset.
 *
 * @param model Left unchanged.
 * @param data The images; all are evaluated, attacks take the first of them.
 * @returns Numbers, predictions, maps and examples; nothing is written.
 * @throws {RangeError} If the data do not fit the model.
 * @throws {DOMException} AbortError once the signal is aborted.
 */
export async function evaluateModel(
  model: Classifier,
  data: Dataset,
  settings: EvaluateModelOptions,
): Promise<ModelEvaluation> {
  requireFitting("data", data, model);
  requireKnownOptions("evaluateModel", settings, optionNames);
  requireParts("settings", settings, "an object with options", ["options"]);
  const started = performance.now();
  const { options, seed, shift, signal, onProgress = () => {} } = settings;
  const { batchSize, mapImages, gridImages } = options;
  onProgress(0, `predictions on ${data.name}`);
  const predictions = settings.predictions ??
    await collectPredictions(model, data, { batchSize, features: true, signal });
  const map = mapImages === 0 ? undefined : featurePoints([predictions], mapImages, seed);
  const attack = await attackModel(model, data, predictions, settings);
  const examples = gridImages === 0 ? undefined : exampleImages(model, data, { options, seed });
  const { attacked, map: attackedMap, traces } = attack;
  const { further = {} } = settings;
  const late = await measureFurther(model, data, settings);
  const strongAttacks = [...attack.measures.strongAttacks, ...(late.attack ? [late.attack] : [])];
  const file: NewEvaluationFile = {
    ...identityOf(data, settings),
    ...measureClean(model, data, predictions, settings),
    ...attack.measures,
    strongAttacks,
    ...late.file,
    ...describedFurther(further),
    underAttack: attacked === undefined ? null : attackedSummary(attacked, options),
    map: described(map),
    attackedMap: described(attackedMap),
    traces: traces === undefined ? null : describedTraces(traces, options),
    domain: shift?.domain ?? null,
    domainMap: described(shift?.map),
    provenance: {
      ...settings.provenance,
      finished: new Date().toISOString(),
      evaluationSeconds: Number(((performance.now() - started) / 1000).toFixed(1)),
    },
  };
  const content: PredictionsContent = {
    predictions,
    attacked,
    adapted: shift?.adapted,
    members: further.members?.predictions,
    dropout: further.dropout?.predictions,
    novelty: further.novelty?.outputs,
    traces,
    map,
    attackedMap,
    domainMap: shift?.map,
  };
  const heldOut = settings.heldOut?.predictions;
  const evaluation = completeEvaluation(file, content, { heldOut, source: shift?.source });
  // Held-out images are of the training domain: they are kept once, in its own evaluation's file.
  return {
    evaluation,
    file,
    content: { ...content, heldOut: shift ? undefined : heldOut },
    examples,
  };
}
