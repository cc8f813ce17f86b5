/** Two sides of a comparison, seed by seed, and the sentence that their difference allows. */
import { thousands } from "../../format/thousands.ts";
import { pairedDifference } from "../../metrics/paired_difference.ts";
import { pairedMetricDifference } from "../../metrics/paired_metric_difference.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import { seedDifference } from "../../metrics/seed_difference.ts";
import { seedSummary } from "../../metrics/seed_summary.ts";
import type { Evaluation } from "../records/complete_evaluation.ts";
import { kernelsOf, pairBySeed } from "../records/paired_seeds.ts";
import type { RunRecord } from "../records/record.ts";
import {
  groupBySeed,
  requireComparable,
  runList,
  type Runs,
  selectionNote,
  variantNote,
} from "../records/run_groups.ts";
import { comparableMetrics } from "./columns.ts";
import {
  asStatement,
  type Difference,
  differenceStatement,
  newcombeInterval,
  proportionsTest,
  type Statement,
} from "./statement.ts";

/** The seeds of one id. */
function seedsOf(runs: Runs): readonly RunRecord[] {
  const list = runList(runs);
  const ids = new Set(list.map(({ id }) => id));
  if (ids.size !== 1) {
    throw new RangeError(
      `Expected the seeds of one run but found ${[...ids].join(", ") || "none"}`,
    );
  }
  return groupBySeed(list)[0]!;
}

function mean(values: readonly number[]): number {
  return seedSummary(values).mean;
}

/** Two sides of a comparison, run by run. */
export interface Pairing {
  readonly pairs: readonly (readonly [RunRecord, RunRecord])[];
  /** The seeds, if there are several: the comparison is over them. */
  readonly seeds?: readonly number[];
  /** Names the seeds; empty where both sides are one run of the same seed. */
  readonly note: string;
}

/** Pairs the seeds that both sides have; if there is none, each side's first run. */
export function pairSeeds(first: Runs, second: Runs): Pairing {
  const [a, b] = [seedsOf(first), seedsOf(second)];
  requireComparable([...a, ...b]);
  const pairing = pairRuns(a, b);
  const chosen = selectionNote(pairing.pairs.flat()).trim().replace(/^W/, "; w").replace(/\.$/, "");
  return { ...pairing, note: pairing.note + chosen };
}

function pairRuns(a: readonly RunRecord[], b: readonly RunRecord[]): Pairing {
  const pairs = pairBySeed(a, b);
  const [one, other] = pairs[0] ?? [a[0]!, b[0]!];
  if (pairs.length > 1) {
    const seeds = pairs.map(([{ seed }]) => seed);
    return { pairs, seeds, note: `, mean of ${seeds.length} seeds` };
  }
  if (pairs.length === 0) {
    const sameKernels = kernelsOf(one) === kernelsOf(other);
    const [here, there] = [one, other].map((run) =>
      sameKernels
        ? `seed ${run.seed}`
        : `seed ${run.seed} (kernel table ${kernelsOf(run) ?? "unknown"})`
    );
    return { pairs: [[one, other]], note: `, ${here} against ${there}` };
  }
  const alone = a.length === 1 && b.length === 1;
  return { pairs, note: alone ? "" : `, seed ${one.seed} (the only one that both have)` };
}

/** The only seed of a comparison over images; undefined where it is over seeds, or of two seeds. */
export function onlySeed({ pairs: [pair], seeds }: Pairing): number | undefined {
  const [a, b] = pair!;
  return seeds === undefined && a.seed === b.seed ? a.seed : undefined;
}

/** Two runs' right answers, and whether they are about the same images. */
export interface Answers {
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  readonly sameImages: boolean;
}

function intervalOf({ first, second, sameImages }: Answers) {
  if (sameImages && first.length === second.length) return pairedDifference(first, second);
  const count = (correct: Uint8Array) => ({
    correct: correct.reduce((sum, one) => sum + one, 0),
    n: correct.length,
  });
  const [one, other] = [count(first), count(second)];
  return { ...newcombeInterval(one, other), pValue: proportionsTest(one, other) };
}

function share(correct: Uint8Array): number {
  return correct.reduce((sum, one) => sum + one, 0) / correct.length;
}

/** What is compared: the values of both sides at each seed, and what they are called. */
interface Compared {
  readonly values: readonly (readonly [number, number])[];
  readonly labels: readonly [string, string];
  /** The interval over the images of the only pair; asked for where it is not over seeds. */
  readonly overImages: () => Pick<Difference, "low" | "high" | "pValue">;
  readonly what: string;
  readonly unit: Difference["unit"];
}

/**
 * Words a difference, over the seeds where there are several, else over the images; which run is a
 * variant, and of what, is said behind it.
 */
function stated(
  pairing: Pairing,
  { values, labels, overImages, what, unit }: Compared,
): Statement {
  const { seeds, note } = pairing;
  const [firsts, seconds] = [values.map(([one]) => one), values.map(([, other]) => other)];
  const { low, high, pValue } = seeds === undefined
    ? overImages()
    : seedDifference(firsts, seconds);
  const { text, verdict, numbers } = differenceStatement({
    first: { label: labels[0], value: mean(firsts) },
    second: { label: labels[1], value: mean(seconds) },
    low,
    high,
    pValue,
    ...(seeds === undefined ? { seed: onlySeed(pairing) } : { seeds }),
    what: what + note,
    unit,
  });
  return asStatement(text + variantNote(pairing.pairs.flat()), verdict, { numbers: numbers! });
}

/** Words the difference of two sides' shares of right answers, over seeds or over images. */
export function compareAnswers(
  pairing: Pairing,
  answers: readonly Answers[],
  what: string,
  labels: readonly [string, string] = [pairing.pairs[0]![0].id, pairing.pairs[0]![1].id],
): Statement {
  return stated(pairing, {
    values: answers.map(({ first, second }) => [share(first), share(second)]),
    labels,
    overImages: () => intervalOf(answers[0]!),
    what: `${what} on ${thousands(answers[0]!.first.length)} images`,
    unit: "percent",
  });
}

/** Whether two evaluations are about the same images. */
export function sameImages(a: Evaluation, b: Evaluation): boolean {
  return a.name === b.name && a.n === b.n && a.description === b.description;
}

/** Words the difference of a metric of two sides' outputs, over seeds or over images. */
export function compareOutputs(
  pairing: Pairing,
  outputs: readonly (readonly [Predictions, Predictions])[],
  metric: keyof typeof comparableMetrics,
  { paired, labels }: { readonly paired: boolean; readonly labels: readonly [string, string] },
): Statement {
  const { title, of } = comparableMetrics[metric];
  return stated(pairing, {
    values: outputs.map(([one, other]) => [of(one), of(other)]),
    labels,
    overImages: () => pairedMetricDifference(...outputs[0]!, metric, { paired }),
    what: `${title} on ${thousands(outputs[0]![0].length)} images`,
    unit: "number",
  });
}
