import { interruptible } from "../terminal/interrupt.ts";
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import type { Dataset } from "../data/dataset.ts";
import {
  requireInteger,
  requireList,
  requireNumber,
  requireOneOf,
  requireParts,
} from "../arguments/require.ts";
import type { Classifier } from "../nn/classifier.ts";
import { type ApgdLoss, apgdLosses } from "./_apgd_loss.ts";
import { type Norm, requireNorm } from "./_requirements.ts";
import { predict } from "./answers.ts";
import {
  type Batch,
  EvaluationLoop,
  evaluationOptionNames,
  type EvaluationOptions,
  share,
} from "./evaluation_loop.ts";
import {
  type Attack,
  type AttackName,
  attackNames,
  attackRow,
  type SweepSettings,
} from "./registry.ts";

export type { AttackName };

/** Where a sweep stands. */
export interface SweepProgress {
  /** The attack of the combination that was just finished. */
  readonly attack: AttackName;
  /** Budget in pixel units, in the norm of the sweep. */
  readonly epsilon: number;
  /** Combinations of attack and epsilon that are done. */
  readonly done: number;
  /** All combinations of attack and epsilon. */
  readonly total: number;
}

/** Options of {@linkcode attackSweep}. */
export interface AttackSweepOptions extends EvaluationOptions {
  /** What is run at every budget, in this order. */
  readonly attacks: readonly AttackName[];
  /** Budgets in pixel units: in [0, 1] for linf, Euclidean lengths >= 0 for l2. */
  readonly epsilons: readonly number[];
  /** Norm of the budgets. Default "linf"; "l2" is not for square and autoattack. */
  readonly norm?: Norm | undefined;
  /**
   * Starts of pgd, apgd, apgd-ce, apgd-dlr and fab, >= 1; an image counts as right if it withstands
   * all. The other attacks have no restarts and run once. Default 1.
   */
  readonly restarts?: number | undefined;
  /** Iterations of pgd (default 20) and of apgd, apgd-ce, apgd-dlr and fab (default 100). */
  readonly steps?: number | undefined;
  /** Queries of square; autoattack has its own 5,000. Default 1000. */
  readonly queries?: number | undefined;
  /** What apgd climbs; apgd-ce and apgd-dlr name it themselves. Default "ce". */
  readonly apgdLoss?: ApgdLoss | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** Called after every combination. */
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
}

const optionNames: OptionNames<AttackSweepOptions> = {
  ...evaluationOptionNames,
  attacks: true,
  epsilons: true,
  norm: true,
  restarts: true,
  steps: true,
  queries: true,
  apgdLoss: true,
  seed: true,
  onProgress: true,
};

/** Accuracy under one attack at one budget. */
export interface SweepResult {
  /** "clean" or the attack that was run. */
  readonly attack: AttackName;
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length for l2. */
  readonly epsilon: number;
  /** Norm of the budget; absent for linf. */
  readonly norm?: "l2";
  /** Random starts of the attack; absent for one. */
  readonly restarts?: number;
  /** Fraction of the n images that stay right; images that are wrong unharmed count as wrong. */
  readonly accuracy: number;
  /** Images attacked. */
  readonly n: number;
  /** 1 for each image that stays right. */
  readonly correct: Uint8Array;
}

/** Which images of a batch stay right. */
function survivors(
  attack: Attack,
  model: Classifier,
  { x, y, labels, indices }: Batch,
  strength: Omit<SweepSettings, "positions">,
): number[] {
  const outcome = attack(model, x, y, { ...strength, positions: indices });
  if (Array.isArray(outcome)) return indices.filter((_, row) => !outcome[row]);
  try {
    const predicted = predict(model, outcome);
    return indices.filter((_, row) => predicted[row] === labels[row]);
  } finally {
    outcome.dispose();
  }
}

const hasNorm = (norm: Norm) => (attack: AttackName) =>
  (attackRow(attack).norms ?? ["linf"]).includes(norm);
const hasRestarts = (attack: AttackName) => attackRow(attack).restarts === true;

/** Refuses an attack that an option cannot be used with, and names those that it can. */
function requireAttackWith(
  option: string,
  attack: AttackName,
  has: (attack: AttackName) => boolean,
): void {
  if (has(attack)) return;
  const able = attackNames.filter(has).map((name) => `"${name}"`).join(", ");
  throw new RangeError(`Expected attacks with ${option} to be of ${able} but found "${attack}"`);
}

function checkOptions(options: AttackSweepOptions): void {
  requireKnownOptions("attackSweep", options, optionNames);
  const required = ["attacks", "epsilons"];
  requireParts("options", options, "an object with attacks and epsilons", required);
  const { attacks, epsilons, norm = "linf", restarts = 1, steps, queries, apgdLoss, seed = 0 } =
    options;
  requireList("attacks", attacks);
  requireList("epsilons", epsilons);
  requireInteger("attacks.length", attacks.length, { min: 1 });
  requireInteger("epsilons.length", epsilons.length, { min: 1 });
  for (const attack of attacks) requireOneOf("attacks", attack, attackNames);
  requireNorm(norm);
  for (const attack of attacks) requireAttackWith(`norm "${norm}"`, attack, hasNorm(norm));
  const bounds = norm === "linf" ? { min: 0, max: 1 } : { min: 0 };
  for (const [k, epsilon] of epsilons.entries()) requireNumber(`epsilons[${k}]`, epsilon, bounds);
  requireInteger("restarts", restarts, { min: 1 });
  if (restarts > 1 && !attacks.some(hasRestarts)) {
    requireAttackWith(`restarts ${restarts}`, attacks[0]!, hasRestarts);
  }
  if (apgdLoss !== undefined) requireOneOf("apgdLoss", apgdLoss, apgdLosses);
  if (steps !== undefined) requireInteger("steps", steps, { min: 1 });
  if (queries !== undefined) requireInteger("queries", queries, { min: 1 });
  requireInteger("seed", seed);
}

/**
 * Accuracy under several attacks at several budgets, with each image's fate. Every attack
 * stands alone: it is run on all images that the model gets right unharmed, whatever other attacks
 * or budgets did. Draws are keyed by an image's place in the dataset, so results do not depend on
 * the batch size. Yields to the event loop between batches.
 *
 * @param model Any classifier; its state is left alone.
 * @param data Images of the model's input shape.
 * @returns One result for each attack and epsilon, attacks outermost, both in the order given. At
 * epsilon 0, and for "clean", the result is the clean one.
 * @throws {RangeError} If an option is out of range, an attack has no such norm, no attack has
 * restarts, or the data do not fit the model (the promise rejects with it).
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { createDataset } from "../data/dataset.ts";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * const model = linearClassifier([[1, -1, 0], [-1, 1, 0]]);
 * const data = createDataset({
 *   name: "two pixels", classNames: ["a", "b"], imageShape: [1, 1, 3],
 *   images: Uint8Array.of(255, 0, 0, 140, 120, 0), labels: [0, 0],
 * });
 * const sweep = await attackSweep(model, data, { attacks: ["fgsm"], epsilons: [0, 0.1] });
 * assertEquals(sweep.map(({ accuracy }) => accuracy), [1, 0.5]);
 * assertEquals([...sweep[1]!.correct], [1, 0]);
 * ```
 */
export async function attackSweep(
  model: Classifier,
  data: Dataset,
  options: AttackSweepOptions,
): Promise<SweepResult[]> {
  checkOptions(options);
  return await interruptible(
    (signal) => sweepAttacks(model, data, { ...options, signal }),
    options.signal,
  );
}

async function sweepAttacks(
  model: Classifier,
  data: Dataset,
  options: AttackSweepOptions,
): Promise<SweepResult[]> {
  const { attacks, epsilons, norm = "linf", apgdLoss = "ce", seed = 0, onProgress } = options;
  const loop = new EvaluationLoop(model, data, options);
  const clean = await loop.cleanCorrect();
  const results: SweepResult[] = [];
  for (const attack of attacks) {
    const { load, effort } = attackRow(attack);
    const run = await load?.();
    const restarts = hasRestarts(attack) ? options.restarts ?? 1 : 1;
    const amount = {
      ...(effort && { [effort.unit]: options[effort.unit] ?? effort.count }),
      ...(hasRestarts(attack) && { restarts }),
      ...(norm === "l2" && { norm }),
    };
    const made = { ...(norm === "l2" && { norm }), ...(restarts > 1 && { restarts }) };
    for (const epsilon of epsilons) {
      const remaining: number[] = [];
      if (run === undefined || epsilon === 0) {
        remaining.push(...clean);
      } else {
        const strength = { epsilon, seed, apgdLoss, ...amount };
        await loop.visit(clean, (batch) => {
          remaining.push(...survivors(run, model, batch, strength));
        });
      }
      const correct = loop.flags(remaining);
      const accuracy = share(correct);
      results.push({ attack, epsilon, ...made, accuracy, n: loop.n, correct });
      onProgress?.({
        attack,
        epsilon,
        done: results.length,
        total: attacks.length * epsilons.length,
      });
    }
  }
  return results;
}
