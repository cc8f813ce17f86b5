/** Everything that attacks on a model measure, with each image's fate. */
import {
  attackSweep,
  type SweepProgress,
  type SweepResult,
} from "../../../attacks/attack_sweep.ts";
import { gradientMaskingChecks } from "../../../attacks/gradient_masking_checks.ts";
import { iterationSweep } from "../../../attacks/iteration_sweep.ts";
import type { Dataset } from "../../../data/dataset.ts";
import { worstCaseCorrect } from "../../../metrics/robust_accuracy.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import {
  type AttackResult,
  type Evaluation,
  packBits,
  unpackBits,
  type WorstCase,
} from "../../records/evaluation.ts";
import type { EvaluationOptions } from "../../specs/run_spec.ts";
import { proportionOf } from "./prediction_metrics.ts";
import { epsilonText } from "../../../format/epsilon.ts";

/** The part of an evaluation that comes from attacks. */
export type AttackMeasures = Pick<
  Evaluation,
  "robustnessSweep" | "strongAttacks" | "worstCase" | "pgdIterationSweep" | "maskingChecks"
>;

/** Of a model that was not attacked. */
export const noAttacks: AttackMeasures = {
  robustnessSweep: [],
  strongAttacks: [],
  worstCase: [],
  pgdIterationSweep: [],
  maskingChecks: [],
};

/** Settings of {@linkcode measureAttacks}. */
export interface AttackSettings {
  readonly options: EvaluationOptions;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (fraction: number, detail: string) => void;
}

function countRight(correct: Uint8Array): number {
  return correct.reduce((sum, one) => sum + one, 0);
}

function resultOf(
  { correct, epsilon }: Pick<SweepResult, "correct" | "epsilon">,
  attack: string,
  steps: number | null,
): AttackResult {
  const { accuracy, n, low, high } = proportionOf(countRight(correct), correct.length);
  return { attack, epsilon, steps, accuracy, n, low, high, correct: packBits(correct) };
}

/** Where the parts of the measurement stand on the way from 0 to 1. */
const shares = { sweep: 0.45, iterations: 0.55, strong: 0.85, masking: 1 } as const;

function between(from: number, to: number, { onProgress }: AttackSettings) {
  return ({ attack, epsilon, done, total }: SweepProgress) => {
    onProgress(from + (to - from) * done / total, `${attack} at ${epsilonText(epsilon)}`);
  };
}

async function sweep(
  model: Classifier,
  data: Dataset,
  settings: AttackSettings,
): Promise<AttackResult[]> {
  const { options, seed, signal } = settings;
  const { attacks, epsilons, attackSteps: steps, attackImages: limit, batchSize } = options;
  const onProgress = between(0, shares.sweep, settings);
  const swept = { attacks, epsilons, steps, batchSize, limit, seed, signal, onProgress };
  const results = await attackSweep(model, data, swept);
  return results.map((result) =>
    resultOf(result, result.attack, result.attack === "pgd" ? steps : null)
  );
}

async function strongAttacks(
  model: Classifier,
  data: Dataset,
  settings: AttackSettings,
): Promise<AttackResult[]> {
  const { options, seed, signal } = settings;
  const { epsilon, strongImages: limit, apgdSteps, squareQueries, batchSize } = options;
  if (limit === 0) return [];
  const kinds = [
    { name: "apgd-ce", attack: "apgd", apgdLoss: "ce", count: apgdSteps },
    { name: "apgd-dlr", attack: "apgd", apgdLoss: "dlr", count: apgdSteps },
    { name: "square", attack: "square", apgdLoss: undefined, count: squareQueries },
  ] as const;
  const results: AttackResult[] = [];
  for (const { name, attack, apgdLoss, count } of kinds) {
    const done = shares.iterations +
      (shares.strong - shares.iterations) * results.length / kinds.length;
    settings.onProgress(done, name);
    const [result] = await attackSweep(model, data, {
      attacks: [attack],
      epsilons: [epsilon],
      steps: apgdSteps,
      queries: squareQueries,
      apgdLoss,
      batchSize,
      limit,
      seed,
      signal,
    });
    results.push(resultOf(result!, name, count));
  }
  return results;
}

async function iterations(
  model: Classifier,
  data: Dataset,
  settings: AttackSettings,
): Promise<AttackResult[]> {
  const { options, seed, signal, onProgress } = settings;
  const { epsilon, iterationSteps: steps, iterationImages: limit, batchSize } = options;
  if (limit === 0 || steps.length === 0) return [];
  onProgress(shares.sweep, "PGD by number of steps");
  const results = await iterationSweep(model, data, {
    epsilon,
    steps,
    batchSize,
    limit,
    seed,
    signal,
  });
  return results.map((result) => resultOf({ ...result, epsilon }, "pgd", result.steps));
}

/**
 * The worst case at each budget: an image counts as right only if it withstood every attack there.
 * Where strong attacks saw fewer images, the worst case is over these images.
 */
export function worstCases(results: readonly AttackResult[]): WorstCase[] {
  const budgets = [...new Set(results.map(({ epsilon }) => epsilon))];
  return budgets.map((epsilon) => {
    const here = results.filter((result) => result.epsilon === epsilon);
    const n = Math.min(...here.map((result) => result.n));
    const bits = here.map((result) => unpackBits(result.correct, result.n).subarray(0, n));
    const attacks = here.map(({ attack }) => attack);
    return { epsilon, attacks, ...proportionOf(countRight(worstCaseCorrect(bits)), n) };
  });
}

/**
 * Attacks a model: a sweep over budgets, PGD by number of steps, the strong attacks at the named
 * budget, and the checks against gradient masking. Every attack stands alone.
 *
 * @param data Its first images are attacked; how many, the options say.
 * @throws {DOMException} AbortError once the signal is aborted.
 */
export async function measureAttacks(
  model: Classifier,
  data: Dataset,
  settings: AttackSettings,
): Promise<AttackMeasures> {
  const { options, seed, signal, onProgress } = settings;
  const robustnessSweep = await sweep(model, data, settings);
  const pgdIterationSweep = await iterations(model, data, settings);
  const strong = await strongAttacks(model, data, settings);
  if (options.maskingImages > 0) onProgress(shares.strong, "checks against gradient masking");
  const maskingChecks = options.maskingImages === 0 ? [] : await gradientMaskingChecks(
    model,
    data,
    {
      epsilon: options.epsilon,
      steps: options.attackSteps,
      queries: options.squareQueries,
      limit: options.maskingImages,
      batchSize: options.batchSize,
      seed,
      signal,
    },
  );
  onProgress(shares.masking, "attacks done");
  return {
    robustnessSweep,
    strongAttacks: strong,
    worstCase: worstCases([...robustnessSweep, ...strong]),
    pgdIterationSweep,
    maskingChecks,
  };
}
