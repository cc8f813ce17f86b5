/** An evaluation as tables and charts read it: what is stored, and what the stored logits give. */
import { worstCaseCorrect } from "../../metrics/robust_accuracy.ts";
import { calibrationError } from "../../metrics/calibration_error.ts";
import { applyTemperature } from "../../metrics/temperature.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import {
  calibrationMetrics,
  floorOf,
  predictionMetrics,
  type Proportion,
  proportionOf,
  scaleTemperature,
  shareOf,
} from "./prediction_metrics.ts";
import type { PredictionsContent } from "./predictions_file.ts";
import type { EvaluationFile, StoredAttack } from "./schema.ts";

/** Accuracy under one attack at one budget, on the first n images. */
export type AttackResult = StoredAttack & Proportion;

/** The share of images that stay right under every attack that was run at one budget. */
export interface WorstCase extends Proportion {
  readonly epsilon: number;
  readonly attacks: readonly string[];
}

/** What an evaluation needs of the other evaluations of its run. */
export interface EvaluationContext {
  /** Predictions on the held-out images; default those in the evaluation's own predictions file. */
  readonly heldOut?: Predictions | undefined;
  /** The run's predictions on its own test split, the source of a transfer. */
  readonly source?: Predictions | undefined;
}

function attackResultOf({ attack, epsilon, steps, n, correct }: StoredAttack): AttackResult {
  const right = unpackBits(correct, n).reduce((sum, bit) => sum + bit, 0);
  return { attack, epsilon, steps, ...proportionOf(right, n), correct };
}

/** Each attack's right answers on the images that all of them saw, the first ones. */
export function sharedAnswers(
  results: readonly Pick<StoredAttack, "n" | "correct">[],
): Uint8Array[] {
  const n = Math.min(...results.map((result) => result.n));
  return results.map((result) => unpackBits(result.correct, result.n).subarray(0, n));
}

/**
 * The worst case at each budget: an image counts as right only if it withstood every attack there.
 * Where strong attacks saw fewer images, the worst case is over these images.
 */
export function worstCases(results: readonly AttackResult[]): WorstCase[] {
  const budgets = [...new Set(results.map(({ epsilon }) => epsilon))];
  return budgets.map((epsilon) => {
    const here = results.filter((result) => result.epsilon === epsilon);
    const withstood = worstCaseCorrect(sharedAnswers(here));
    const right = withstood.reduce((sum, bit) => sum + bit, 0);
    const attacks = here.map(({ attack }) => attack);
    return { epsilon, attacks, ...proportionOf(right, withstood.length) };
  });
}

function underAttackOf({ underAttack, bins }: EvaluationFile, p: Predictions | undefined) {
  if (underAttack === null || p === undefined) return null;
  const { attack, epsilon, steps, representation } = underAttack;
  const floor = floorOf(p, bins);
  return {
    attack,
    epsilon,
    steps,
    ...shareOf(p),
    ...calibrationMetrics(p, bins),
    get eceFloor() {
      return floor();
    },
    representation,
  };
}

/** A temperature that was stored without the logits that it was fitted on. */
function withFloor({ temperatureScaling, bins }: EvaluationFile & { schema: 1 }, p: Predictions) {
  if (temperatureScaling === null) return null;
  const scaled = applyTemperature(p, temperatureScaling.temperature);
  const floor = floorOf(scaled, bins);
  return {
    ...temperatureScaling,
    debiasedEce: calibrationError(scaled, { bins, debiased: true }),
    get eceFloor() {
      return floor();
    },
  };
}

function temperatureOf(file: EvaluationFile, p: Predictions, heldOut: Predictions | undefined) {
  if (file.schema === 1) return withFloor(file, p);
  if (file.fittedOn === null || heldOut === undefined) return null;
  return scaleTemperature(heldOut, p, { bins: file.bins, fittedOn: file.fittedOn });
}

function adaptedOf(file: EvaluationFile, p: Predictions | undefined) {
  if (file.schema === 1) return file.adapted;
  if (p === undefined) return null;
  const { ece, nll } = calibrationMetrics(p, file.bins);
  return { ...shareOf(p), ece, nll };
}

function domainOf({ domain }: EvaluationFile, p: Predictions, source: Predictions | undefined) {
  if (domain === null || source === undefined) return null;
  const { sourceName, proxyADistance, sourceImages, targetImages, controls } = domain;
  const risk = (predictions: Predictions) => 1 - shareOf(predictions).accuracy;
  return {
    sourceName,
    sourceRisk: risk(source),
    targetRisk: risk(p),
    proxyADistance,
    sourceImages,
    targetImages,
    ...(controls === undefined ? {} : { controls }),
  };
}

/**
 * Completes a stored evaluation by what its logits give.
 *
 * @param file The content of `<name>.metrics.json`.
 * @param content The content of `<name>.predictions.safetensors`.
 * @param context What lies in the files of the run's other evaluations.
 * @returns Accuracies are fractions; what was not measured is null.
 * @internal
 */
export function completeEvaluation(
  file: EvaluationFile,
  content: PredictionsContent,
  { heldOut = content.heldOut, source }: EvaluationContext = {},
) {
  const p = content.predictions;
  const robustnessSweep = file.robustnessSweep.map(attackResultOf);
  const strongAttacks = file.strongAttacks.map(attackResultOf);
  const floor = floorOf(p, file.bins);
  return {
    schema: file.schema,
    name: file.name,
    run: file.run,
    dataset: file.dataset,
    split: file.split,
    source: file.source,
    description: file.description,
    classNames: file.classNames,
    seed: file.seed,
    normalisation: file.normalisation,
    epsilon: file.epsilon,
    ...predictionMetrics(p, file.bins),
    get eceFloor() {
      return floor();
    },
    temperatureScaling: temperatureOf(file, p, heldOut),
    representation: file.representation,
    metricLoss: file.metricLoss,
    inputGradientNorm: file.inputGradientNorm,
    robustnessSweep,
    strongAttacks,
    worstCase: worstCases([...robustnessSweep, ...strongAttacks]),
    pgdIterationSweep: file.pgdIterationSweep.map(attackResultOf),
    maskingChecks: file.maskingChecks,
    underAttack: underAttackOf(file, content.attacked),
    map: file.map,
    attackedMap: file.attackedMap,
    domain: domainOf(file, p, source),
    domainMap: file.domainMap,
    adapted: adaptedOf(file, content.adapted),
    autoAttack: file.autoAttack,
    corruptions: file.corruptions,
    certificates: file.certificates,
    members: file.members,
    dropout: file.dropout,
    outside: file.outside,
    provenance: file.provenance,
  };
}

/** A stored evaluation, completed by what its logits give. */
export type Evaluation = ReturnType<typeof completeEvaluation>;

/**
 * Packs flags, lowest bit first, as hexadecimal bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const correct = Uint8Array.of(1, 0, 1, 1, 0, 0, 0, 0, 1);
 * assertEquals(packBits(correct), "0d01");
 * assertEquals(unpackBits("0d01", 9), correct);
 * ```
 */
export function packBits(correct: ArrayLike<number>): string {
  const bytes = new Uint8Array(Math.ceil(correct.length / 8));
  for (let i = 0; i < correct.length; i++) {
    if (correct[i]) bytes[i >> 3]! |= 1 << (i & 7);
  }
  return bytes.toHex();
}

/**
 * Unpacks what {@linkcode packBits} packed: n times 0 or 1.
 *
 * @throws {RangeError} If the text does not hold n bits.
 */
export function unpackBits(packed: string, n: number): Uint8Array {
  const bytes = Uint8Array.fromHex(packed);
  if (bytes.length !== Math.ceil(n / 8)) {
    throw new RangeError(
      `Expected packed to hold ${n} bits in ${Math.ceil(n / 8)} bytes but found ${bytes.length}`,
    );
  }
  return Uint8Array.from({ length: n }, (_, i) => (bytes[i >> 3]! >> (i & 7)) & 1);
}
