/** Comparisons of finished runs, worded by what the numbers allow. */
import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import { requireOneOf, requireParts } from "../../arguments/require.ts";
import { epsilonText } from "../../format/epsilon.ts";
import { thousands } from "../../format/thousands.ts";
import { firstPredictions } from "../../metrics/first_predictions.ts";
import { outcomes } from "../../metrics/outcomes.ts";
import {
  type NamedMetric,
  pairedMetricDifference,
} from "../../metrics/paired_metric_difference.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import { unpackBits } from "../records/complete_evaluation.ts";
import { evaluationOf, type RunRecord } from "../records/record.ts";
import type { Runs } from "../records/run_groups.ts";
import { comparableMetrics } from "./columns.ts";
import {
  type Answers,
  compareAnswers,
  compareOutputs,
  pairSeeds,
  sameImages,
} from "./_paired_sides.ts";
import { attackResult } from "./_readings.ts";
import { differenceStatement, type Statement } from "./statement.ts";

/** Outputs of a run on an evaluation that it has. */
async function predictionsOf(run: RunRecord, name: string | undefined): Promise<Predictions> {
  return (await run.predictions(evaluationOf(run, name).name)).predictions;
}

const compareAccuracyOptions: OptionNames<{ readonly name?: string; readonly what?: string }> = {
  name: true,
  what: true,
};

/**
 * Compares two runs' accuracy. On the same images the comparison is paired, image by image; with
 * several seeds of both it is over the seeds (paired t interval). If both have one seed in common it
 * is about this one, if they have none about the first of each, and the sentence says so.
 *
 * @param first One run or the seeds of one id.
 * @param second As first.
 * @param options `name`: the evaluation, e.g. "mnist-test"; default each run's own test split.
 * @throws {RangeError} If profiles or kinds of data are mixed, or an evaluation is missing.
 */
export async function compareAccuracy(
  first: Runs,
  second: Runs,
  options: { readonly name?: string; readonly what?: string } = {},
): Promise<Statement> {
  requireKnownOptions("compareAccuracy", options, compareAccuracyOptions);
  const { name, what = "test accuracy" } = options;
  const pairing = pairSeeds(first, second);
  const answers = await Promise.all(pairing.pairs.map(async ([a, b]): Promise<Answers> => ({
    first: outcomes(await predictionsOf(a, name)).correct,
    second: outcomes(await predictionsOf(b, name)).correct,
    sameImages: sameImages(evaluationOf(a, name), evaluationOf(b, name)),
  })));
  return compareAnswers(pairing, answers, name === undefined ? what : `${what} on ${name},`);
}

const compareRobustnessOptions: OptionNames<
  { readonly attack?: string; readonly epsilon?: number }
> = { attack: true, epsilon: true };

/**
 * Compares two runs' accuracy under one attack, on the images that both were attacked on.
 *
 * @throws {RangeError} If a run was not attacked so.
 */
export function compareRobustness(
  first: Runs,
  second: Runs,
  options: { readonly attack?: string; readonly epsilon?: number } = {},
): Statement {
  requireKnownOptions("compareRobustness", options, compareRobustnessOptions);
  const { attack = "pgd", epsilon = 8 / 255 } = options;
  const pairing = pairSeeds(first, second);
  const correctOf = (run: RunRecord) => {
    const result = attackResult(run, attack, epsilon);
    if (result === undefined) {
      throw new RangeError(
        `Expected ${run.id} to be measured under attack ${attack} at ${epsilonText(epsilon)} ` +
          `(epsilon ${epsilon}) but found no such result`,
      );
    }
    return unpackBits(result.correct, result.n);
  };
  const answers = pairing.pairs.map(([a, b]): Answers => ({
    first: correctOf(a),
    second: correctOf(b),
    sameImages: sameImages(a.metrics, b.metrics),
  }));
  return compareAnswers(pairing, answers, `accuracy under ${attack} at ${epsilonText(epsilon)}`);
}

const compareMetricOptions: OptionNames<{ readonly name?: string }> = { name: true };

/**
 * Compares a calibration metric of two runs by the interval of its difference over test images, paired
 * where both were tested on the same images; with several seeds of both, over the seeds. Calibration
 * errors are debiased, since the plain ones differ by their noise as well.
 *
 * @param metric "ece", "brier", "nll" or "aurc": of each, lower is better.
 * @param options `name`: the evaluation, e.g. "mnist-test"; default each run's own test split.
 * @throws {RangeError} If profiles or kinds of data are mixed, or an evaluation is missing.
 */
export async function compareMetric(
  first: Runs,
  second: Runs,
  metric: keyof typeof comparableMetrics,
  options: { readonly name?: string } = {},
): Promise<Statement> {
  requireKnownOptions("compareMetric", options, compareMetricOptions);
  const { name } = options;
  const pairing = pairSeeds(first, second);
  const { pairs } = pairing;
  requireOneOf("metric", metric, Object.keys(comparableMetrics));
  const outputs = await Promise.all(
    pairs.map(async ([a, b]) =>
      [await predictionsOf(a, name), await predictionsOf(b, name)] as const
    ),
  );
  const [a, b] = pairs[0]!;
  const paired = sameImages(evaluationOf(a, name), evaluationOf(b, name));
  return compareOutputs(pairing, outputs, metric, { paired, labels: [a.id, b.id] });
}

/** Predictions and what a sentence calls them. */
export interface LabelledPredictions {
  /** What the sentence calls them, e.g. a run's id. */
  readonly label: string;
  /** The predictions. */
  readonly p: Predictions;
}

/**
 * Compares a metric of two sets of predictions by the bootstrap interval of its difference: paired
 * where the labels agree image by image, else each side drawn by itself. Of sets of different sizes
 * the longer one is cut to its first images, since a calibration error depends on their number.
 *
 * @param metric "ece", "brier", "nll" or "aurc": of each, lower is better.
 * @returns A sentence with both values and the interval.
 * @throws {RangeError} If the metric is none of these or the predictions' parts do not fit.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "../../metrics/predictions.ts";
 * const labels = Array.from({ length: 200 }, (_, i) => i % 4 === 0 ? 1 : 0);
 * const sides = [6, 1].map((logit) =>
 *   predictionsFromLogits(new Float32Array(labels.flatMap(() => [logit, 0])), labels, 2)
 * );
 * const sure = { label: "sure", p: sides[0]! };
 * assertEquals(comparePredictions(sure, { label: "calibrated", p: sides[1]! }, "ece").verdict, "higher");
 * ```
 */
export function comparePredictions(
  first: LabelledPredictions,
  second: LabelledPredictions,
  metric: NamedMetric,
): Statement {
  requireParts("first", first, "labelled predictions", ["label", "p"]);
  requireParts("second", second, "labelled predictions", ["label", "p"]);
  requireOneOf("metric", metric, Object.keys(comparableMetrics));
  const n = Math.min(first.p.length, second.p.length);
  const [a, b] = [firstPredictions(first.p, n), firstPredictions(second.p, n)];
  const { title, of } = comparableMetrics[metric];
  // By its name, since the calibration error has an interval of its own.
  const { low, high, pValue } = pairedMetricDifference(a, b, metric);
  return differenceStatement({
    first: { label: first.label, value: of(a) },
    second: { label: second.label, value: of(b) },
    low,
    high,
    pValue,
    what: `${title} on ${thousands(n)} images`,
    unit: "number",
  });
}
