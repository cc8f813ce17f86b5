/** Sentences computed from results: what a comparison allows to say, and no more. */
import {
  requireInteger,
  requireOneOf,
  requireParts,
  requireText,
} from "../../arguments/require.ts";
import { normalTail } from "../../metrics/normal_tail.ts";
import { wilsonInterval } from "../../metrics/wilson_interval.ts";
import { JUPYTER_DISPLAY } from "../../format/jupyter_display.ts";
import { thousands } from "../../format/thousands.ts";
import { INTERVAL_95, percent, points } from "../../format/percent.ts";

/** What the numbers allow to say about the first against the second. */
export type Verdict = "higher" | "lower" | "not distinguishable";

/** A sentence with the verdict it words; shows itself as Markdown. */
export interface Statement {
  /** The sentence as Markdown. */
  readonly text: string;
  /** What the sentence claims. */
  readonly verdict: Verdict;
  /** The numbers behind it: the first less the second, with its 95 % interval and p-value. */
  readonly numbers?: StatementNumbers;
  /** What was predicted, and what came of it; see {@linkcode predicted}. */
  readonly prediction?: {
    readonly name: string;
    readonly expected: Verdict;
    readonly fate: string;
  };
  /** The sentence by MIME type, for Jupyter. */
  [JUPYTER_DISPLAY](): Record<string, string>;
}

/** The numbers of a {@linkcode Statement}. */
export interface StatementNumbers {
  /** The first less the second. */
  readonly difference: number;
  /** Lower end of the 95 % interval. */
  readonly low: number;
  /** Upper end of the 95 % interval. */
  readonly high: number;
  /** Two-sided p-value of no difference, where one was computed. */
  readonly pValue?: number | undefined;
  /** "percent": fractions. */
  readonly unit: "percent" | "number";
  /** The seeds that the interval is over; one seed where it is over the images of that seed. */
  readonly seeds?: readonly number[] | undefined;
}

/** A difference of two values with its 95 % interval, all in the unit of the values. */
export interface Difference {
  /** The side that is compared: its name and value. */
  readonly first: { readonly label: string; readonly value: number };
  /** The side it is compared with. */
  readonly second: { readonly label: string; readonly value: number };
  /** Lower end of the interval of first - second. */
  readonly low: number;
  /** Upper end of the interval of first - second. */
  readonly high: number;
  /** The training seeds over which both sides were paired, if the interval is over seeds. */
  readonly seeds?: readonly number[];
  /** The only seed, where the interval is over the images of one seed's runs. */
  readonly seed?: number | undefined;
  /** Two-sided p-value of no difference. */
  readonly pValue?: number | undefined;
  /** What was measured and on what, e.g. "test accuracy on 2,000 images". */
  readonly what: string;
  /** "percent": values are fractions, worded as percentages and points. */
  readonly unit: "percent" | "number";
}

/** k right answers of n. */
export interface Proportion {
  /** What was counted, e.g. a model's name; used in the sentence. */
  readonly label: string;
  /** k, from 0 to n. */
  readonly correct: number;
  /** Number of answers, at least 1. */
  readonly n: number;
}

/** A difference counts only if its interval leaves out zero. */
export function verdictOf({ low, high }: { readonly low: number; readonly high: number }): Verdict {
  if (low > 0) return "higher";
  return high < 0 ? "lower" : "not distinguishable";
}

function shown(value: number, unit: Difference["unit"]): string {
  return unit === "percent" ? percent(value) : value.toFixed(4);
}

/** A p-value with three decimals. */
export function pText(pValue: number): string {
  return pValue < 0.001 ? "< 0.001" : pValue.toFixed(3);
}

/** Up to this number of seeds, a difference of the usual size does not show. */
export const FEW_SEEDS = 5;

/** Names the interval. */
function intervalName(seeds: Difference["seeds"]): string {
  if (seeds === undefined) return `${INTERVAL_95} of the difference`;
  return `95 % t-interval of the difference, paired over the ${seeds.length} seeds ` +
    `${seeds.join(", ")}:`;
}

/**
 * Words a difference: "higher", "lower", or that the numbers do not tell the two apart.
 *
 * @throws {RangeError} If the interval is upside down or not finite.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const { text } = differenceStatement({
 *   first: { label: "a", value: 0.8 },
 *   second: { label: "b", value: 0.7 },
 *   low: 0.05,
 *   high: 0.15,
 *   what: "test accuracy",
 *   unit: "percent",
 * });
 * assertStringIncludes(text, "a (80.0 %) is higher than b (70.0 %)");
 * ```
 */
export function differenceStatement(difference: Difference): Statement {
  requireParts("difference", difference, "a difference", ["first", "second"]);
  const { first, second, low, high, what, unit, seeds, seed, pValue } = difference;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
    throw new RangeError(`Expected low <= high, both finite, but found ${low} and ${high}`);
  }
  const verdict = verdictOf({ low, high });
  const name = ({ label, value }: Difference["first"]) => `${label} (${shown(value, unit)})`;
  const inUnit = (value: number) => unit === "percent" ? points(value) : value.toFixed(4);
  const gap = first.value - second.value;
  const interval = `${intervalName(seeds)} ${inUnit(low)} to ${inUnit(high)}` +
    (unit === "percent" ? " points" : "");
  const few = seeds !== undefined && seeds.length <= FEW_SEEDS
    ? `; ${seeds.length} seeds show large differences only`
    : "";
  const subject = `${what[0]!.toUpperCase()}${what.slice(1)}: ${name(first)}`;
  const text = verdict === "not distinguishable"
    ? `${subject} and ${name(second)} are not distinguishable (${interval}${few}).`
    : `${subject} is ${verdict} than ${name(second)} by ${inUnit(Math.abs(gap))}` +
      `${unit === "percent" ? " points" : ""} (${interval}).`;
  return asStatement(text, verdict, {
    numbers: {
      ...{ difference: gap, low, high, pValue, unit },
      seeds: seeds ?? (seed === undefined ? undefined : [seed]),
    },
  });
}

/** A statement from its text, e.g. one with a note behind it. */
export function asStatement(
  text: string,
  verdict: Verdict,
  more: Pick<Statement, "numbers" | "prediction">,
): Statement {
  return {
    text,
    verdict,
    ...more,
    [JUPYTER_DISPLAY]: () => ({ "text/markdown": text, "text/plain": text }),
  };
}

/** 95 % interval of p1 - p2 of independent samples (Newcombe 1998, method 10). */
export function newcombeInterval(
  first: Omit<Proportion, "label">,
  second: Omit<Proportion, "label">,
): { low: number; high: number } {
  const share = ({ correct, n }: Omit<Proportion, "label">) => correct / n;
  const one = wilsonInterval(first.correct, first.n);
  const two = wilsonInterval(second.correct, second.n);
  const gap = share(first) - share(second);
  return {
    low: gap - Math.hypot(share(first) - one.low, two.high - share(second)),
    high: gap + Math.hypot(one.high - share(first), share(second) - two.low),
  };
}

/** Two-sided p-value of equal shares in independent samples: the z test with the pooled share. */
export function proportionsTest(
  first: Omit<Proportion, "label">,
  second: Omit<Proportion, "label">,
): number {
  const pooled = (first.correct + second.correct) / (first.n + second.n);
  const gap = first.correct / first.n - second.correct / second.n;
  if (gap === 0) return 1;
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / first.n + 1 / second.n));
  return normalTail(gap / deviation);
}

/**
 * Compares two proportions measured on different images.
 *
 * @param what What was measured. Default "accuracy".
 * @throws {RangeError} If a count is not a whole number or is more than n.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const verdict = (a: number, b: number) =>
 *   statement({ label: "a", correct: a, n: 1000 }, { label: "b", correct: b, n: 1000 }).verdict;
 * assertEquals([verdict(800, 700), verdict(700, 800), verdict(800, 795)], [
 *   "higher",
 *   "lower",
 *   "not distinguishable",
 * ]);
 * ```
 */
export function statement(first: Proportion, second: Proportion, what = "accuracy"): Statement {
  requireParts("first", first, "a count", ["label", "correct", "n"]);
  requireParts("second", second, "a count", ["label", "correct", "n"]);
  requireText("what", what);
  for (const { label, correct, n } of [first, second]) {
    requireInteger(`n of ${label}`, n, { min: 1 });
    requireInteger(`correct of ${label}`, correct, { min: 0, max: n });
  }
  return differenceStatement({
    first: { label: first.label, value: first.correct / first.n },
    second: { label: second.label, value: second.correct / second.n },
    ...newcombeInterval(first, second),
    pValue: proportionsTest(first, second),
    what: `${what} on ${thousands(first.n)}` +
      `${first.n === second.n ? "" : ` and ${thousands(second.n)}`} images`,
    unit: "percent",
  });
}

/** What became of a prediction, by what was expected and what was found. */
function outcomeOf(expected: Verdict, found: Verdict): string {
  if (found === expected) return "held";
  if (found === "not distinguishable") return "is undecided";
  return expected === "not distinguishable" ? "did not hold" : "failed: the opposite holds";
}

/**
 * Says of a prediction, made before the run, whether the results bear it out.
 *
 * @param name E.g. "P1".
 * @param expected The verdict that was predicted.
 * @param found The sentence that the results allow.
 * @returns The sentence with the prediction's fate before it, and the verdict found.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const found = statement({ label: "a", correct: 9, n: 10 }, { label: "b", correct: 1, n: 10 });
 * assertEquals(
 *   predicted("P1", "lower", found).text,
 *   `**P1** (predicted: lower) failed: the opposite holds. ${found.text}`,
 * );
 * ```
 */
export function predicted(name: string, expected: Verdict, found: Statement): Statement {
  requireOneOf("expected", expected, ["higher", "lower", "not distinguishable"]);
  requireParts("found", found, "a statement", ["text", "verdict"]);
  const { numbers } = found;
  const alone = numbers?.seeds?.length === 1 ? " on this seed" : "";
  const fate = `${outcomeOf(expected, found.verdict)}${alone}`;
  return asStatement(
    `**${name}** (predicted: ${expected}) ${fate}. ${found.text}`,
    found.verdict,
    { ...(numbers ? { numbers } : {}), prediction: { name, expected, fate } },
  );
}
