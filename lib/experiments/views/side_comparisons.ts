/** Comparisons of what was measured under different conditions, of one run or of two. */
import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import { requireNumber, requireOneOf, requireParts } from "../../arguments/require.ts";
import { epsilonText } from "../../format/epsilon.ts";
import { firstPredictions } from "../../metrics/first_predictions.ts";
import { outcomes } from "../../metrics/outcomes.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import { worstCaseCorrect } from "../../metrics/robust_accuracy.ts";
import { applyTemperature } from "../../metrics/temperature.ts";
import { sharedAnswers, unpackBits } from "../records/complete_evaluation.ts";
import { evaluationOf, type RunRecord } from "../records/record.ts";
import type { Runs } from "../records/run_groups.ts";
import { attackResult, attackResults } from "./_readings.ts";
import { comparableMetrics } from "./columns.ts";
import {
  type Answers,
  compareAnswers,
  compareOutputs,
  onlySeed,
  pairSeeds,
  sameImages,
} from "./_paired_sides.ts";
import type { Statement } from "./statement.ts";

/** One side of {@linkcode compareSides}: runs, and under what condition they answered. */
export interface Side {
  /** One run or the seeds of one id. */
  readonly runs: Runs;
  /** The evaluation, e.g. "mnist-test". Default each run's own test split. */
  readonly name?: string | undefined;
  /**
   * An attack at the budget that tables name, e.g. "pgd", or "worst case" for all of them together;
   * for a metric other than accuracy "pgd" alone, whose logits are stored. Default: images as they are.
   */
  readonly attack?: string | undefined;
  /** `true`: at the temperature fitted on held-out images. Default `false`. */
  readonly scaled?: boolean | undefined;
  /** `true`: with batch-norm statistics re-estimated on the evaluated images. Default `false`. */
  readonly adapted?: boolean | undefined;
  /** Only this share of the images, those answered with the greatest confidence. */
  readonly surest?: number | undefined;
  /** Without this share: only the images answered with less confidence. */
  readonly withoutSurest?: number | undefined;
}

const sideNames: OptionNames<Side> = {
  runs: true,
  name: true,
  attack: true,
  scaled: true,
  adapted: true,
  surest: true,
  withoutSurest: true,
};

function requireSide(argument: string, side: Side): void {
  requireParts(argument, side, "a side of a comparison", ["runs"]);
  requireKnownOptions("compareSides", side, sideNames);
  for (const share of ["surest", "withoutSurest"] as const) {
    const value = side[share];
    if (value === undefined) continue;
    const bounds = { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true };
    requireNumber(`${argument}.${share}`, value, bounds);
  }
}

/** A condition as a sentence has it after the run's id. */
function wording({ name, attack, scaled, adapted, surest, withoutSurest }: Side): string {
  const share = (value: number) => `${Number((100 * value).toFixed(1))} %`;
  return [
    ...(name === undefined ? [] : [` on ${name}`]),
    ...(attack === undefined
      ? []
      : [attack === "worst case" ? " in the worst case" : ` under ${attack}`]),
    ...(scaled ? [" at its temperature"] : []),
    ...(adapted ? [" with AdaBN"] : []),
    ...(surest === undefined ? [] : [`, surest ${share(surest)}`]),
    ...(withoutSurest === undefined ? [] : [`, other ${share(1 - withoutSurest)}`]),
  ].join("");
}

function missing(run: RunRecord, what: string): RangeError {
  return new RangeError(
    `Expected ${run.id} to have been measured ${what} but found no such result`,
  );
}

/** The outputs that a side is about. */
async function outputsOf(run: RunRecord, side: Side): Promise<Predictions> {
  const evaluation = evaluationOf(run, side.name);
  const { predictions, attacked, adapted } = await run.predictions(evaluation.name);
  let p: Predictions | undefined = predictions;
  if (side.adapted) p = adapted;
  if (side.attack !== undefined) p = side.attack === "pgd" ? attacked : undefined;
  if (p === undefined) throw missing(run, wording(side).trim());
  if (!side.scaled) return p;
  const { temperatureScaling } = evaluation;
  if (temperatureScaling === null) throw missing(run, "with a temperature");
  return applyTemperature(p, temperatureScaling.temperature);
}

/** Which images a side has right under its attack. */
function attackBits(run: RunRecord, { attack }: Side): Uint8Array | undefined {
  if (attack === undefined) return undefined;
  if (attack === "worst case") {
    const here = attackResults(run);
    if (here.length === 0) throw missing(run, "under attacks");
    return worstCaseCorrect(sharedAnswers(here));
  }
  const result = attackResult(run, attack);
  if (result === undefined) {
    throw missing(run, `under attack ${attack} at ${epsilonText(run.metrics.epsilon)}`);
  }
  return unpackBits(result.correct, result.n);
}

/** As many right answers as an older record counts with AdaBN; it does not say of which images. */
async function olderAdapted(run: RunRecord, side: Side): Promise<Uint8Array | undefined> {
  if (!side.adapted) return undefined;
  const { name, adapted } = evaluationOf(run, side.name);
  if (adapted === null || (await run.predictions(name)).adapted !== undefined) return undefined;
  return new Uint8Array(adapted.n).fill(1, 0, Math.round(adapted.accuracy * adapted.n));
}

/** Right answers of the images that a side is about, and whether it is known of which. */
async function bitsOf(run: RunRecord, side: Side): Promise<{ bits: Uint8Array; known: boolean }> {
  const underAttack = attackBits(run, side);
  const counted = underAttack === undefined ? await olderAdapted(run, side) : undefined;
  if (counted !== undefined) return { bits: counted, known: false };
  return { bits: underAttack ?? await answerBits(run, side), known: true };
}

/** Right answers of the images that a side is about, where it is not under attack. */
async function answerBits(run: RunRecord, side: Side): Promise<Uint8Array> {
  const { correct, rank } = outcomes(await outputsOf(run, side));
  const { surest, withoutSurest } = side;
  if (surest === undefined && withoutSurest === undefined) return correct;
  const kept = Math.ceil((surest ?? withoutSurest)! * correct.length);
  const byConfidence = [...correct.keys()].sort((a, b) => rank[a]! - rank[b]! || a - b);
  const chosen = surest === undefined ? byConfidence.slice(kept) : byConfidence.slice(0, kept);
  return Uint8Array.from(chosen, (image) => correct[image]!);
}

/** Whether row i of both sides is the same image. */
function onSameImages(a: RunRecord, b: RunRecord, first: Side, second: Side): boolean {
  const whole = [first, second].every((side) =>
    side.surest === undefined && side.withoutSurest === undefined
  );
  return whole && sameImages(evaluationOf(a, first.name), evaluationOf(b, second.name));
}

/**
 * Compares what was measured under two conditions, of one run or of two: at home and abroad, clean and
 * attacked, as trained and with a temperature. With several seeds of both sides the comparison is over
 * the seeds (paired t interval); with one seed it is over its images, paired where they are the same.
 * Of sides of different length the longer one is cut to its first images where they are the same images.
 *
 * @param metric "accuracy", or "ece" (debiased), "brier", "nll" or "aurc", of which lower is better.
 *   Default "accuracy".
 * @throws {TypeError} If a side has an unknown part.
 * @throws {RangeError} If profiles or kinds of data are mixed, or something was not measured.
 * @example
 * ```ts
 * import type { RunRecord } from "../records/record.ts";
 * // As trained against with a temperature, over all seeds of a run.
 * const helps = (runs: RunRecord[]) => compareSides({ runs, scaled: true }, { runs }, "ece");
 * ```
 */
export async function compareSides(
  first: Side,
  second: Side,
  metric: "accuracy" | keyof typeof comparableMetrics = "accuracy",
): Promise<Statement> {
  requireSide("first", first);
  requireSide("second", second);
  requireOneOf("metric", metric, ["accuracy", ...Object.keys(comparableMetrics)]);
  const pairing = pairSeeds(first.runs, second.runs);
  const [a, b] = pairing.pairs[0]!;
  const same = onSameImages(a, b, first, second);
  const seed = onlySeed(pairing);
  const labels = [first, second].map((side, k) => `${k === 0 ? a.id : b.id}${wording(side)}`) as [
    string,
    string,
  ];
  const named = pairing.note === "" && seed !== undefined
    ? { ...pairing, note: `, seed ${seed}` }
    : pairing;
  if (metric !== "accuracy") {
    const outputs = await Promise.all(pairing.pairs.map(async ([one, other]) => {
      const [p, q] = [await outputsOf(one, first), await outputsOf(other, second)];
      const n = same ? Math.min(p.length, q.length) : undefined;
      return n === undefined
        ? [p, q] as const
        : [firstPredictions(p, n), firstPredictions(q, n)] as const;
    }));
    return compareOutputs(named, outputs, metric, { paired: same, labels });
  }
  const answers = await Promise.all(pairing.pairs.map(async ([one, other]): Promise<Answers> => {
    const [p, q] = [await bitsOf(one, first), await bitsOf(other, second)];
    const n = same ? Math.min(p.bits.length, q.bits.length) : undefined;
    const sameImages = same && p.known && q.known;
    return { first: p.bits.subarray(0, n), second: q.bits.subarray(0, n), sameImages };
  }));
  return compareAnswers(named, answers, "accuracy", labels);
}
