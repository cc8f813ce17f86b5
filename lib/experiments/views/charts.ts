/** The charts of one run: each chart is one row of {@linkcode runCharts}. */
import { type OptionNames, requireKnownOptions } from "../../arguments/known_options.ts";
import { epsilonText } from "../../format/epsilon.ts";
import { describeSelection } from "../../train/history.ts";
import { thousands } from "../../format/thousands.ts";
import { join } from "node:path";
import { applyTemperature } from "../../metrics/temperature.ts";
import { temperatureText } from "../../metrics/temperature_text.ts";
import type { Chart } from "../../plots/chart.ts";
import { confidenceCoverage } from "../../plots/confidence_coverage.ts";
import { confusionHeatmap } from "../../plots/confusion_heatmap.ts";
import { exampleGrid } from "../../plots/example_grid.ts";
import { featureMap } from "../../plots/feature_map.ts";
import { iterationCurve } from "../../plots/iteration_curve.ts";
import { perClassBars } from "../../plots/per_class_bars.ts";
import { reliabilityDiagram } from "../../plots/reliability_diagram.ts";
import { robustnessCurve } from "../../plots/robustness_curve.ts";
import { type AttackResult, type Evaluation, unpackBits } from "../records/complete_evaluation.ts";
import type { FeaturePoints, PredictionsContent } from "../records/predictions_file.ts";
import { evaluationOf, type RunRecord } from "../records/record.ts";
import { requireRun } from "../records/run_groups.ts";
import type { ModelEvaluation } from "../runs/evaluate_model.ts";

/** What a chart is drawn from; images of the example grid are there only right after evaluation. */
export type Drawn =
  & Pick<ModelEvaluation, "evaluation" | "content">
  & Partial<Pick<ModelEvaluation, "examples">>;

/** A chart of one evaluation of a run. */
export interface RunChart {
  /** The last part of its file names. */
  readonly name: string;
  /** The flag of `deno task eval` that chooses it. */
  readonly flag: string;
  /** What it shows, for the help text. */
  readonly shows: string;
  /** The number of images without which it cannot be drawn; only this chart needs them. */
  readonly images?: "mapImages" | "gridImages" | "iterationImages";
  /** The runs of which the folder of figures holds it; of the main runs it holds every chart. */
  readonly keptOf: "every run" | "CIFAR-10 runs" | "main runs";
  /** Whether what it is drawn from was measured. */
  readonly needs: (drawn: Drawn) => boolean;
  readonly draw: (drawn: Drawn) => Chart;
}

/** Which answers a reliability diagram is about. */
export interface ReliabilityChoice {
  /** Also after temperature scaling. */
  readonly scaled?: boolean;
  /** Also under attack. */
  readonly attacked?: boolean;
}

/** Titles of one evaluation's charts. */
function headings({ run, seed, description, provenance }: Evaluation, what: string) {
  const selection = describeSelection(provenance.selectBy);
  const parts = [
    description,
    `seed ${seed}`,
    ...(selection === undefined ? [] : [`epoch chosen by ${selection}`]),
    ...(provenance.variant === undefined ? [] : [provenance.variant]),
  ];
  return { title: `${what}: ${run}`, subtitle: parts.join(" · ") };
}

/**
 * Describes which images were attacked: the first ones, and fewer by the strong attacks.
 *
 * @returns Empty where all images of the split were attacked.
 */
export function attackedImages(n: number, results: readonly AttackResult[]): string {
  const all = results.filter((result) => result.n < n);
  const sizes = [...new Set(all.map((result) => result.n))].sort((a, b) => b - a);
  const parts = sizes.map((size) => {
    const attacks = [...new Set(all.filter((one) => one.n === size).map(({ attack }) => attack))];
    const by = sizes.length === 1 && all.length === results.length
      ? ""
      : ` by ${attacks.join(", ")}`;
    return `the first ${thousands(size)}${by}`;
  });
  return parts.length === 0 ? "" : `attacked: ${parts.join("; ")}`;
}

/** Titles of a chart about attacks, which may have seen only the first images. */
function attackHeadings(evaluation: Evaluation, what: string, results: readonly AttackResult[]) {
  const { title, subtitle } = headings(evaluation, what);
  const attacked = attackedImages(evaluation.n, results);
  return { title, subtitle: attacked === "" ? subtitle : `${subtitle} · ${attacked}` };
}

function required<T>(value: T | undefined | null, what: string, { run, name }: Evaluation): T {
  if (value === undefined || value === null) {
    throw new RangeError(`Expected ${what} of ${run} on ${name} but it was not measured`);
  }
  return value;
}

/** A map of features; with names of domains, one panel a domain. */
function drawMap(
  { evaluation }: Drawn,
  points: FeaturePoints | undefined,
  title: string,
  domainNames?: readonly string[],
): Chart {
  const { coordinates, method, labels, domains } = required(points, "a feature map", evaluation);
  const split = domainNames !== undefined;
  return featureMap(
    { coordinates, method, labels, ...(split ? { domains } : {}) },
    {
      ...headings(evaluation, title),
      classNames: evaluation.classNames,
      ...(split ? { domainNames } : {}),
    },
  );
}

/** The first images clean, attacked and noisy, with the attack's perturbation magnified. */
function drawGrid({ evaluation, examples }: Drawn): Chart {
  const { rows, labels, epsilon, imageShape } = required(examples, "an example grid", evaluation);
  const named = rows.map(({ name, pixels, predicted, confidences }, k) => ({
    name: k === 0 ? name : `${name}, ε = ${epsilonText(epsilon)}`,
    images: pixels,
    predicted,
    confidences,
  }));
  return exampleGrid({ rows: named, labels }, {
    ...headings(evaluation, "The first images"),
    imageShape,
    classNames: evaluation.classNames,
    perturbation: named[1]!.name,
  });
}

/** Reliability diagram of the raw answers, and of scaled or attacked ones beside them. */
function drawReliability(
  { evaluation, content }: Drawn,
  { scaled = false, attacked = false }: ReliabilityChoice = {},
): Chart {
  const { bins } = evaluation;
  const options = { ...headings(evaluation, "Calibration"), bins };
  if (!scaled && !attacked) return reliabilityDiagram(content.predictions, options);
  const series: Record<string, PredictionsContent["predictions"]> = {
    "as trained": content.predictions,
  };
  if (scaled) {
    const { temperature } = required(evaluation.temperatureScaling, "a temperature", evaluation);
    series[`temperature ${temperatureText(temperature)}`] = applyTemperature(
      content.predictions,
      temperature,
    );
  }
  if (attacked) {
    const what = "answers to attacks";
    const { attack, steps } = required(evaluation.underAttack, what, evaluation);
    series[`under ${attack.toUpperCase()}-${steps}`] = required(content.attacked, what, evaluation);
  }
  return reliabilityDiagram(series, options);
}

/** Points of a robustness curve: the sweep, and the strong attacks where they were run. */
export function sweepPoints({ robustnessSweep, strongAttacks }: Evaluation): AttackResult[] {
  return [...robustnessSweep, ...strongAttacks];
}

/** Accuracies of the reference attacks on the first n images, which the iterations attacked. */
export function referencesFor(evaluation: Evaluation, n: number): Record<string, number> {
  const { robustnessSweep, epsilon } = evaluation;
  const share = (result: AttackResult | undefined): number | undefined => {
    if (result === undefined || result.n < n) return undefined;
    const bits = unpackBits(result.correct, result.n).subarray(0, n);
    return bits.reduce((sum, one) => sum + one, 0) / n;
  };
  const find = (attack: string) =>
    robustnessSweep.find((one) => one.attack === attack && one.epsilon === epsilon);
  const references = {
    clean: share(robustnessSweep.find((one) => one.epsilon === 0)),
    noise: share(find("noise")),
    fgsm: share(find("fgsm")),
  };
  return Object.fromEntries(
    Object.entries(references).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}

/** Accuracy over the number of PGD steps, with clean, noise and FGSM as level lines. */
function drawIterations({ evaluation }: Drawn): Chart {
  const { pgdIterationSweep, epsilon } = evaluation;
  const points = pgdIterationSweep.filter(({ steps }) => (steps ?? 0) >= 1)
    .map(({ steps, accuracy, n }) => ({ steps: steps!, accuracy, n }));
  return iterationCurve(
    { points, epsilon, references: referencesFor(evaluation, points[0]?.n ?? 1) },
    attackHeadings(evaluation, "Steps of PGD", pgdIterationSweep),
  );
}

const rows = [
  {
    name: "umap",
    flag: "umap",
    shows: "feature map",
    images: "mapImages",
    keptOf: "CIFAR-10 runs",
    needs: ({ content }) => content.map !== undefined,
    draw: (drawn) => drawMap(drawn, drawn.content.map, "Feature map"),
  },
  {
    name: "grid",
    flag: "grid",
    shows: "clean, adversarial and noisy examples",
    images: "gridImages",
    keptOf: "main runs",
    needs: ({ examples }) => examples !== undefined,
    draw: drawGrid,
  },
  {
    name: "confusion",
    flag: "confusion",
    shows: "confusion matrix",
    keptOf: "every run",
    needs: () => true,
    draw: ({ evaluation }) => {
      const { confusion, classNames } = evaluation;
      return confusionHeatmap(confusion, { ...headings(evaluation, "Confusion"), classNames });
    },
  },
  {
    name: "per_class",
    flag: "per-class",
    shows: "accuracy by class",
    keptOf: "main runs",
    needs: () => true,
    draw: ({ evaluation }) => {
      const { confusion, classNames } = evaluation;
      return perClassBars(confusion, { ...headings(evaluation, "Accuracy by class"), classNames });
    },
  },
  {
    name: "calibration",
    flag: "calibration",
    shows: "reliability diagram",
    keptOf: "every run",
    needs: () => true,
    draw: (drawn) =>
      drawReliability(drawn, { scaled: drawn.evaluation.temperatureScaling !== null }),
  },
  {
    name: "confidence_coverage",
    flag: "coverage",
    shows: "risk over coverage",
    keptOf: "main runs",
    needs: () => true,
    draw: ({ evaluation, content }) =>
      confidenceCoverage(content.predictions, headings(evaluation, "Risk and coverage")),
  },
  {
    name: "robustness_sweep",
    flag: "sweep",
    shows: "accuracy over budgets",
    keptOf: "CIFAR-10 runs",
    needs: ({ evaluation }) => evaluation.robustnessSweep.length > 0,
    draw: ({ evaluation }) => {
      const points = sweepPoints(evaluation);
      return robustnessCurve(points, attackHeadings(evaluation, "Robustness", points));
    },
  },
  {
    name: "pgd_iter_sweep",
    flag: "iter-sweep",
    shows: "accuracy over the number of PGD steps",
    images: "iterationImages",
    keptOf: "CIFAR-10 runs",
    needs: ({ evaluation }) => evaluation.pgdIterationSweep.length > 0,
    draw: drawIterations,
  },
] as const satisfies readonly RunChart[];

/** The name of one of the {@linkcode runCharts}. */
export type ChartName = typeof rows[number]["name"];

/** Every chart that an evaluation is drawn into. */
export const runCharts: readonly (RunChart & { readonly name: ChartName })[] = rows;

/**
 * Draws the charts of an evaluation into a directory, as `<evaluation>.<chart>.svg` and `.png`, as far
 * as what they show was measured.
 *
 * @param only Names of the charts wanted. Default: all.
 * @throws {Error} Naming the file, if it cannot be written.
 */
export async function writeCharts(
  directory: string,
  result: Drawn,
  only: readonly string[] = runCharts.map(({ name }) => name),
): Promise<void> {
  for (const { name, needs, draw } of runCharts) {
    if (!only.includes(name) || !needs(result)) continue;
    await draw(result).save(join(directory, `${result.evaluation.name}.${name}`));
  }
}

/** What the charts of a finished run are drawn from. */
export async function drawnOf(run: RunRecord, name?: string): Promise<Drawn> {
  requireRun("run", run);
  const evaluation = evaluationOf(run, name);
  return { evaluation, content: await run.predictions(evaluation.name) };
}

/** One of the {@linkcode runCharts} of a finished run, by default of its own test split. */
export async function chartOf(chart: ChartName, run: RunRecord, name?: string): Promise<Chart> {
  const drawn = await drawnOf(run, name);
  return runCharts.find((row) => row.name === chart)!.draw(drawn);
}

/** Map of the features of one evaluation. */
export function mapChart(run: RunRecord, name?: string): Promise<Chart> {
  return chartOf("umap", run, name);
}

/** Confusion matrix of one evaluation. */
export function confusionChart(run: RunRecord, name?: string): Promise<Chart> {
  return chartOf("confusion", run, name);
}

/** Accuracy by class of one evaluation. */
export function perClassChart(run: RunRecord, name?: string): Promise<Chart> {
  return chartOf("per_class", run, name);
}

/** Accuracy over the number of PGD steps. */
export function iterationChart(run: RunRecord): Promise<Chart> {
  return chartOf("pgd_iter_sweep", run);
}

/** Map of both domains of a transfer evaluation; by default the run's own. */
export async function domainMapChart(run: RunRecord, name?: string): Promise<Chart> {
  requireRun("run", run);
  const { transferTo } = run.config.spec.evaluation;
  const drawn = await drawnOf(run, name ?? (transferTo && `${transferTo}-test`));
  const { evaluation, content } = drawn;
  const points = required(content.domainMap, "a map of both domains", evaluation);
  const { sourceName } = required(evaluation.domain, "the domain gap", evaluation);
  return drawMap(drawn, points, "Both domains", [sourceName, evaluation.name]);
}

/** Map of clean and attacked images. */
export async function attackedMapChart(run: RunRecord): Promise<Chart> {
  const drawn = await drawnOf(run);
  const { evaluation, content } = drawn;
  const points = required(content.attackedMap, "a map under attack", evaluation);
  const what = "calibration under attack";
  const { attack, steps } = required(evaluation.underAttack, what, evaluation);
  const attacked = `${attack.toUpperCase()}-${steps}`;
  return drawMap(drawn, points, "Clean and attacked", ["clean", attacked]);
}

const reliabilityChartOptions: OptionNames<ReliabilityChoice & { readonly name?: string }> = {
  name: true,
  scaled: true,
  attacked: true,
};

/** Reliability diagram of one evaluation, optionally also scaled and under attack. */
export async function reliabilityChart(
  run: RunRecord,
  options: ReliabilityChoice & { readonly name?: string } = {},
): Promise<Chart> {
  requireKnownOptions("reliabilityChart", options, reliabilityChartOptions);
  const { name, ...choice } = options;
  return drawReliability(await drawnOf(run, name), choice);
}
