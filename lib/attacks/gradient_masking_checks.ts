import { interruptible } from "../terminal/interrupt.ts";
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import type { Dataset } from "../data/dataset.ts";
import { requireInteger, requireNumber } from "../arguments/require.ts";
import type { Classifier } from "../nn/classifier.ts";
import { EvaluationLoop } from "./evaluation_loop.ts";
import { atMost, type MaskingCheck } from "./_masking_check.ts";
import { checkOutputs } from "./_output_checks.ts";
import { probeGradients } from "./_gradient_probe.ts";
import { type AttackName, attackSweep } from "./attack_sweep.ts";

export type { MaskingCheck };

/** Images that are looked at unless a limit says otherwise. */
const DEFAULT_IMAGES = 128;

/** Options of {@linkcode gradientMaskingChecks}. */
export interface MaskingCheckOptions {
  /** L-infinity budget in pixel units, in (0, 0.5]. Default 8 / 255. */
  readonly epsilon?: number | undefined;
  /** PGD steps, >= 4. Default 20. */
  readonly steps?: number | undefined;
  /** Queries of the black-box attack. Default 500. */
  readonly queries?: number | undefined;
  /** Use only this many images, from the start. Default 128. */
  readonly limit?: number | undefined;
  /** Default 128. */
  readonly batchSize?: number | undefined;
  /** How far, as a fraction of the images, chance may turn a comparison. Default 0.02. */
  readonly tolerance?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** Ends the checks: the promise rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

/** The options that have defaults of the checks' own. */
type Strength = {
  readonly [K in "epsilon" | "steps" | "queries" | "tolerance" | "seed"]: number;
};

const optionNames: OptionNames<MaskingCheckOptions> = {
  epsilon: true,
  steps: true,
  queries: true,
  limit: true,
  batchSize: true,
  tolerance: true,
  seed: true,
  signal: true,
};

/** Accuracies that the checks compare. */
interface Measured {
  readonly epsilon: number;
  readonly steps: number;
  readonly fewSteps: number;
  readonly queries: number;
  readonly tolerance: number;
  readonly noise: number;
  readonly fgsm: number;
  readonly pgdFew: number;
  readonly pgd: number;
  readonly pgdDouble: number;
  readonly pgdWhole: number;
  readonly square: number;
}

const BLOCKED = "Gradients do not lead uphill: they are masked, noisy or shattered.";

function comparisons(f: Measured): MaskingCheck[] {
  const at = `epsilon ${f.epsilon.toFixed(4)}`;
  const pgd = [`PGD-${f.steps} at ${at}`, f.pgd] as const;
  return [
    atMost(
      "noise is weaker than FGSM",
      [`FGSM at ${at}`, f.fgsm],
      [`noise at ${at}`, f.noise],
      f.tolerance,
      `${BLOCKED} Look at the input gradients; attack with square or with apgd's loss "dlr".`,
    ),
    atMost(
      "PGD is not weaker than FGSM",
      pgd,
      [`FGSM at ${at}`, f.fgsm],
      f.tolerance,
      `${BLOCKED} Take a smaller stepSize and restarts, and do not report FGSM or PGD alone.`,
    ),
    atMost(
      "more steps do not help the model",
      pgd,
      [`PGD-${f.fewSteps} at ${at}`, f.pgdFew],
      f.tolerance,
      "The attack does not converge: lower stepSize, or use apgd, which adapts it.",
    ),
    atMost(
      "a larger epsilon does not help the model",
      [`PGD-${f.steps} at twice the epsilon`, f.pgdDouble],
      pgd,
      f.tolerance,
      `${BLOCKED} Attack with square, and with apgd's loss "dlr", at every epsilon.`,
    ),
    atMost(
      "the black box is not stronger than the white box",
      pgd,
      [`square with ${f.queries} queries`, f.square],
      f.tolerance,
      "The gradient attack misses what random search finds: the model's gradients are masked. " +
        `Report the worst case over attacks, with square and apgd's loss "dlr" among them.`,
    ),
    atMost(
      "epsilon 1 leaves nothing",
      [`PGD-${f.steps} at epsilon 1`, f.pgdWhole],
      ["any attack that works", 0],
      Math.max(f.tolerance, 0.02),
      "With every image allowed, a working attack always wins: this one does not work on this model.",
    ),
  ];
}

/**
 * Sanity checks that tell a robust model from one that only hides its gradients (Athalye et al.
 * 2018, section 3.1; Carlini et al. 2019). A failed check means that the accuracies under gradient
 * attacks must not be believed; its detail names the values and a remedy.
 *
 * All accuracies are on the same images; images that are wrong unharmed count as wrong everywhere.
 * A model whose gradient cannot be computed is treated as one with a gradient of zero.
 *
 * @param model Any classifier; its state is left alone.
 * @param data Images of the model's input shape, best at least 50.
 * @returns One entry for each check: gradients that are not zero, noise against FGSM, PGD against
 * FGSM, more steps, larger epsilon, black against white box, epsilon 1, outputs that do not change
 * from pass to pass, logits that are not probabilities already.
 * @throws {RangeError} If an option is out of range, the data do not fit the model, or the model
 * gets no image right (the promise rejects with it).
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { createDataset } from "../data/dataset.ts";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * const model = linearClassifier([[1, -1, 0], [-1, 1, 0]]);
 * const data = createDataset({
 *   name: "one pixel", classNames: ["a", "b"], imageShape: [1, 1, 3],
 *   images: Uint8Array.of(140, 120, 0), labels: [0],
 * });
 * const checks = await gradientMaskingChecks(model, data, { epsilon: 0.1, queries: 50 });
 * assertEquals(checks.filter(({ passed }) => !passed), []);
 * ```
 */
export async function gradientMaskingChecks(
  model: Classifier,
  data: Dataset,
  options: MaskingCheckOptions = {},
): Promise<MaskingCheck[]> {
  requireKnownOptions("gradientMaskingChecks", options, optionNames);
  const { epsilon = 8 / 255, steps = 20, queries = 500, tolerance = 0.02, seed = 0 } = options;
  requireNumber("epsilon", epsilon, { min: 0, max: 0.5, exclusiveMin: true });
  requireInteger("steps", steps, { min: 4 });
  requireInteger("queries", queries, { min: 1 });
  requireNumber("tolerance", tolerance, { min: 0, max: 1 });
  return await interruptible(
    (signal) =>
      runChecks(model, data, { ...options, epsilon, steps, queries, tolerance, seed, signal }),
    options.signal,
  );
}

async function runChecks(
  model: Classifier,
  data: Dataset,
  options: MaskingCheckOptions & Strength,
): Promise<MaskingCheck[]> {
  const { epsilon, steps, queries, tolerance, seed } = options;
  const shared = {
    batchSize: options.batchSize,
    // Nobody asked for the default: with fewer images there is nothing to tell.
    limit: options.limit ?? (data?.length < DEFAULT_IMAGES ? data.length : DEFAULT_IMAGES),
    signal: options.signal,
  };
  const loop = new EvaluationLoop(model, data, shared);
  const outputs = await checkOutputs(loop);
  const probe = await probeGradients(loop, tolerance);
  const accuracy = async (attack: AttackName, at: number, count?: number) => {
    const strength = { epsilons: [at], steps: count, queries, seed };
    const [result] = await attackSweep(probe.model, data, {
      ...shared,
      ...strength,
      attacks: [attack],
    });
    return result!.accuracy;
  };
  const fewSteps = Math.floor(steps / 4);
  const measured: Measured = {
    epsilon,
    steps,
    fewSteps,
    queries,
    tolerance,
    noise: await accuracy("noise", epsilon),
    fgsm: await accuracy("fgsm", epsilon),
    pgdFew: await accuracy("pgd", epsilon, fewSteps),
    pgd: await accuracy("pgd", epsilon, steps),
    pgdDouble: await accuracy("pgd", 2 * epsilon, steps),
    pgdWhole: await accuracy("pgd", 1, steps),
    square: await accuracy("square", epsilon),
  };
  return [probe.check, ...comparisons(measured), ...outputs];
}
