/** Charts that set several runs side by side. */
import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import { requireOneOf } from "../../arguments/require.ts";
import { minimumEpsilon } from "../../metrics/minimum_epsilon.ts";
import { seedSummary } from "../../metrics/seed_summary.ts";
import { barsWithIntervals, type IntervalRow } from "../../plots/bars_with_intervals.ts";
import type { Chart } from "../../plots/chart.ts";
import { confidenceCoverage } from "../../plots/confidence_coverage.ts";
import { learningCurve, type LearningPoint } from "../../plots/learning_curve.ts";
import { minimumEpsilonDistribution } from "../../plots/minimum_epsilon_distribution.ts";
import { robustnessCurve } from "../../plots/robustness_curve.ts";
import { trainingCurves } from "../../plots/training_curves.ts";
import { type AttackResult, type Evaluation, unpackBits } from "../records/complete_evaluation.ts";
import { evaluationOf, type RunRecord } from "../records/record.ts";
import {
  describeRuns,
  describeTrainingData,
  groupBySeed,
  requireComparable,
  requireRuns,
  runList,
  type Runs,
} from "../records/run_groups.ts";
import { INTERVAL_95 } from "../../format/percent.ts";
import { runName } from "../records/run_paths.ts";
import { rowOf } from "../specs/matrix.ts";
import { attackedImages, chartOf, drawnOf, sweepPoints } from "./charts.ts";

/** Name of a run in a chart of several: with its seed where an id occurs more than once. */
function labelsOf(runs: readonly RunRecord[]): string[] {
  const repeated = new Set(runs.map(({ id }) => id)).size < runs.length;
  return runs.map((run) => repeated ? runName(run) : run.id);
}

function byName<T>(runs: readonly RunRecord[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(labelsOf(runs).map((label, k) => [label, values[k]!]));
}

/** Data behind runs whose charts are about attacked images. */
function describeAttacked(runs: readonly RunRecord[], sweeps: readonly AttackResult[][]): string {
  const attacked = runs.map(({ metrics }, k) => attackedImages(metrics.n, sweeps[k]!));
  const parts = [...new Set(attacked)].filter((part) => part !== "");
  return [describeRuns(runs).replace(/\.$/, ""), ...parts].join(" · ");
}

/** Loss and accuracy over the epochs, one run or several side by side. */
export async function curvesChart(runs: Runs): Promise<Chart> {
  const list = runList(runs);
  const subtitle = describeTrainingData(list);
  const histories = byName(list, list.map(({ history }) => history));
  return await Promise.resolve(
    list.length === 1
      ? trainingCurves(list[0]!.history, { title: `Training: ${list[0]!.id}`, subtitle })
      : trainingCurves(histories, { title: "Training", subtitle }),
  );
}

/** Risk over coverage, one run or several in one panel. */
export async function coverageChart(
  runs: Runs,
  name?: string,
): Promise<Chart> {
  const list = runList(runs);
  if (list.length === 1) return await chartOf("confidence_coverage", list[0]!, name);
  const drawn = await Promise.all(list.map((run) => drawnOf(run, name)));
  return confidenceCoverage(byName(list, drawn.map(({ content }) => content.predictions)), {
    title: "Risk and coverage",
    subtitle: describeRuns(list, name),
  });
}

const robustnessChartOptions: OptionNames<{ readonly attack?: string }> = { attack: true };

/** Accuracy over epsilon, one run or several; `attack` draws only this one, all models together. */
export async function robustnessChart(
  runs: Runs,
  options: { readonly attack?: string } = {},
): Promise<Chart> {
  requireKnownOptions("robustnessChart", options, robustnessChartOptions);
  const { attack } = options;
  const list = runList(runs);
  requireComparable(list);
  if (list.length === 1 && attack === undefined) return await chartOf("robustness_sweep", list[0]!);
  const all = list.map(({ metrics }) => sweepPoints(metrics));
  if (attack !== undefined) {
    requireOneOf("attack", attack, [...new Set(all.flat().map((point) => point.attack))]);
  }
  const sweeps = all.map((points) =>
    points.filter((point) => attack === undefined || point.attack === attack)
  );
  const headings = { title: "Robustness", subtitle: describeAttacked(list, sweeps) };
  return await Promise.resolve(robustnessCurve(byName(list, sweeps), headings));
}

/** How small a budget already fools each image under PGD. */
export async function minimumEpsilonChart(
  runs: Runs,
): Promise<Chart> {
  const list = runList(runs);
  const sweeps = list.map(({ metrics }) =>
    metrics.robustnessSweep.filter(({ attack }) => attack === "pgd")
  );
  const values = sweeps.map((sweep) =>
    minimumEpsilon(
      sweep.map(({ epsilon, correct, n }) => ({ epsilon, correct: unpackBits(correct, n) })),
    )
  );
  return await Promise.resolve(
    minimumEpsilonDistribution(byName(list, values), {
      title: "Smallest budget of PGD that fools the model",
      subtitle: describeAttacked(list, sweeps),
    }),
  );
}

/** Accuracy of one run; of several seeds the mean, the mean interval and each seed's accuracy. */
function accuracyOf(seeds: readonly RunRecord[], name?: string) {
  const all = seeds.map((run) => evaluationOf(run, name));
  const mean = (of: (evaluation: Evaluation) => number) => seedSummary(all.map(of)).mean;
  return {
    accuracy: mean(({ accuracy }) => accuracy),
    low: mean(({ accuracyInterval }) => accuracyInterval.low),
    high: mean(({ accuracyInterval }) => accuracyInterval.high),
    ...(seeds.length === 1 ? {} : { points: all.map(({ accuracy }) => accuracy) }),
  };
}

/**
 * Accuracy of runs with 95 % intervals over test images. Several seeds of an id share a row: their
 * mean, with the mean of their intervals and a ring for each seed.
 */
export async function accuracyChart(runs: readonly RunRecord[], name?: string): Promise<Chart> {
  requireRuns("runs", runs);
  const groups = groupBySeed(runs);
  const rows = groups.map((seeds): IntervalRow => {
    const { accuracy: value, ...interval } = accuracyOf(seeds, name);
    const n = seeds.length === 1 ? "" : ` (n = ${seeds.length})`;
    return { name: `${seeds[0]!.id}${n}`, value, ...interval };
  });
  const rings = groups.some(({ length }) => length > 1)
    ? " over test images; rings: single seeds"
    : "";
  return await Promise.resolve(
    barsWithIntervals(rows, {
      title: name === undefined ? "Test accuracy" : `Accuracy on ${name}`,
      subtitle: describeRuns(runs, name),
      label: `Accuracy (${INTERVAL_95}${rings})`,
    }),
  );
}

/**
 * Test accuracy over the number of training images, one curve a method. Several seeds of an id are one
 * point, as in {@linkcode accuracyChart}.
 */
export async function learningCurveChart(runs: readonly RunRecord[]): Promise<Chart> {
  requireRuns("runs", runs);
  const curves: Record<string, LearningPoint[]> = {};
  for (const seeds of groupBySeed(runs)) {
    const [run] = seeds;
    const point = { size: run!.config.trainImages, ...accuracyOf(seeds) };
    (curves[rowOf(run!.id)?.curve ?? run!.id] ??= []).push(point);
  }
  return await Promise.resolve(
    learningCurve(curves, { title: "Fine-tuning on few images", subtitle: describeRuns(runs) }),
  );
}
