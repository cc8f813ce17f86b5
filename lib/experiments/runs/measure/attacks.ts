/** Everything that attacks on a model measure, with each image's fate. */
import {
  attackSweep,
  type SweepProgress,
  type SweepResult,
} from "../../../attacks/attack_sweep.ts";
import { type AttackName, attackRow, attacksOfUse } from "../../../attacks/registry.ts";
import { gradientMaskingChecks } from "../../../attacks/gradient_masking_checks.ts";
import { iterationSweep } from "../../../attacks/iteration_sweep.ts";
import type { Dataset } from "../../../data/dataset.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { packBits } from "../../records/complete_evaluation.ts";
import type { NewEvaluationFile, StoredAttack } from "../../records/schema.ts";
import type { EvaluationOptions } from "../../specs/run_spec.ts";
import { epsilonText } from "../../../format/epsilon.ts";

/** The part of an evaluation that comes from attacks. */
export type AttackMeasures = Pick<
  NewEvaluationFile,
  "robustnessSweep" | "strongAttacks" | "pgdIterationSweep" | "maskingChecks"
>;

/** Of a model that was not attacked. */
export const NO_ATTACKS: AttackMeasures = {
  robustnessSweep: [],
  strongAttacks: [],
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

function resultOf(
  { attack, correct, epsilon }: Pick<SweepResult, "attack" | "correct" | "epsilon">,
  amounts: { readonly steps: number; readonly queries?: number },
): StoredAttack {
  const { effort } = attackRow(attack);
  const steps = effort === undefined ? null : amounts[effort.unit]!;
  return { attack, epsilon, steps, n: correct.length, correct: packBits(correct) };
}

/** Where the parts of the measurement stand on the way from 0 to 1. */
const SHARES = { sweep: 0.45, iterations: 0.55, strong: 0.85, masking: 1 } as const;

function between(from: number, to: number, { onProgress }: AttackSettings) {
  return ({ attack, epsilon, done, total }: SweepProgress) => {
    onProgress(from + (to - from) * done / total, `${attack} at ${epsilonText(epsilon)}`);
  };
}

async function sweep(
  model: Classifier,
  data: Dataset,
  settings: AttackSettings,
): Promise<StoredAttack[]> {
  const { options, seed, signal } = settings;
  const { attacks, epsilons, attackSteps: steps, attackImages: limit, batchSize } = options;
  const onProgress = between(0, SHARES.sweep, settings);
  const swept = { attacks, epsilons, steps, batchSize, limit, seed, signal, onProgress };
  const results = await attackSweep(model, data, swept);
  return results.map((result) => resultOf(result, { steps }));
}

/** The strong attacks that a model has enough classes for; warns of each that is left out. */
function strongAttacksFor({ classes }: Classifier): AttackName[] {
  return attacksOfUse("strong").filter((attack) => {
    const { title, leastClasses = 2 } = attackRow(attack);
    if (classes >= leastClasses) return true;
    console.warn(
      `${title} is left out: it needs a model of at least ${leastClasses} classes, this one has ` +
        `${classes}. The worst case is over the other attacks.`,
    );
    return false;
  });
}

async function strongAttacks(
  model: Classifier,
  data: Dataset,
  settings: AttackSettings,
): Promise<StoredAttack[]> {
  const { options, seed, signal } = settings;
  const { epsilon, strongImages: limit, apgdSteps, squareQueries, batchSize } = options;
  if (limit === 0) return [];
  const attacks = strongAttacksFor(model);
  const amounts = { steps: apgdSteps, queries: squareQueries };
  const results: StoredAttack[] = [];
  for (const attack of attacks) {
    const done = SHARES.iterations +
      (SHARES.strong - SHARES.iterations) * results.length / attacks.length;
    settings.onProgress(done, attack);
    const [result] = await attackSweep(model, data, {
      attacks: [attack],
      epsilons: [epsilon],
      ...amounts,
      batchSize,
      limit,
      seed,
      signal,
    });
    results.push(resultOf(result!, amounts));
  }
  return results;
}

async function iterations(
  model: Classifier,
  data: Dataset,
  settings: AttackSettings,
): Promise<StoredAttack[]> {
  const { options, seed, signal, onProgress } = settings;
  const { epsilon, iterationSteps: steps, iterationImages: limit, batchSize } = options;
  if (limit === 0 || steps.length === 0) return [];
  onProgress(SHARES.sweep, "PGD by number of steps");
  const results = await iterationSweep(model, data, {
    epsilon,
    steps,
    batchSize,
    limit,
    seed,
    signal,
  });
  return results.map((result) => resultOf({ ...result, attack: "pgd", epsilon }, result));
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
  if (options.maskingImages > 0) onProgress(SHARES.strong, "checks against gradient masking");
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
  onProgress(SHARES.masking, "attacks done");
  return {
    robustnessSweep,
    strongAttacks: strong,
    pgdIterationSweep,
    maskingChecks,
  };
}
