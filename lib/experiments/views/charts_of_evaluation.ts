/** The charts of one evaluation, drawn from its figures and its predictions file alone. */
import { applyTemperature } from "../../metrics/temperature.ts";
import type { Chart } from "../../plots/chart.ts";
import { confidenceCoverage } from "../../plots/confidence_coverage.ts";
import { confusionHeatmap } from "../../plots/confusion_heatmap.ts";
import { featureMap } from "../../plots/feature_map.ts";
import { iterationCurve } from "../../plots/iteration_curve.ts";
import { perClassBars } from "../../plots/per_class_bars.ts";
import { reliabilityDiagram } from "../../plots/reliability_diagram.ts";
import { robustnessCurve } from "../../plots/robustness_curve.ts";
import { type AttackResult, type Evaluation, unpackBits } from "../records/evaluation.ts";
import type { FeaturePoints, PredictionsContent } from "../records/predictions_file.ts";
import { thousands } from "../../format/thousands.ts";

/** What a chart is drawn from. */
export interface Drawn {
  readonly evaluation: Evaluation;
  readonly content: PredictionsContent;
}

/** Which answers a reliability diagram is about. */
export interface ReliabilityChoice {
  /** Also after temperature scaling. */
  readonly scaled?: boolean;
  /** Also under attack. */
  readonly attacked?: boolean;
}

/** Titles of one evaluation's charts. */
export function headings({ run, seed, description }: Evaluation, what: string) {
  return { title: `${what}: ${run}`, subtitle: `${description} · seed ${seed}` };
}

/**
 * Which images were attacked, in words: the first ones, and fewer by the strong attacks.
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

function map(
  evaluation: Evaluation,
  points: FeaturePoints,
  what: string,
  domainNames?: readonly string[],
): Chart {
  return featureMap(
    {
      coordinates: points.coordinates,
      method: points.method,
      labels: points.labels,
      ...(domainNames === undefined ? {} : { domains: points.domains }),
    },
    {
      ...headings(evaluation, what),
      classNames: evaluation.classNames,
      ...(domainNames === undefined ? {} : { domainNames }),
    },
  );
}

/** Features of the evaluated images. */
export function drawMap({ evaluation, content }: Drawn): Chart {
  return map(evaluation, required(content.map, "a feature map", evaluation), "Feature map");
}

/** Features of the training domain and of the evaluated one in one fit. */
export function drawDomainMap({ evaluation, content }: Drawn): Chart {
  const points = required(content.domainMap, "a map of both domains", evaluation);
  const { sourceName } = required(evaluation.domain, "the domain gap", evaluation);
  return map(evaluation, points, "Both domains", [sourceName, evaluation.name]);
}

/** Features of clean and of attacked images in one fit. */
export function drawAttackedMap({ evaluation, content }: Drawn): Chart {
  const points = required(content.attackedMap, "a map under attack", evaluation);
  const { attack, steps } = required(
    evaluation.underAttack,
    "calibration under attack",
    evaluation,
  );
  const attacked = `${attack.toUpperCase()}-${steps}`;
  return map(evaluation, points, "Clean and attacked", ["clean", attacked]);
}

/** Confusion matrix as a heat map. */
export function drawConfusion({ evaluation }: Pick<Drawn, "evaluation">): Chart {
  const { confusion, classNames } = evaluation;
  return confusionHeatmap(confusion, { ...headings(evaluation, "Confusion"), classNames });
}

/** Accuracy by class. */
export function drawPerClass({ evaluation }: Pick<Drawn, "evaluation">): Chart {
  const { confusion, classNames } = evaluation;
  return perClassBars(confusion, { ...headings(evaluation, "Accuracy by class"), classNames });
}

/** Reliability diagram of the raw answers, and of scaled or attacked ones beside them. */
export function drawReliability(
  { evaluation, content }: Drawn,
  { scaled = false, attacked = false }: ReliabilityChoice = {},
): Chart {
  const { bins } = evaluation;
  const options = { ...headings(evaluation, "Calibration"), bins };
  const series: Record<string, PredictionsContent["predictions"]> = {
    [scaled || attacked ? "as trained" : ""]: content.predictions,
  };
  if (scaled) {
    const { temperature } = required(evaluation.temperatureScaling, "a temperature", evaluation);
    series[`temperature ${temperature.toFixed(2)}`] = applyTemperature(
      content.predictions,
      temperature,
    );
  }
  if (attacked) {
    const { attack, steps } = required(evaluation.underAttack, "answers to attacks", evaluation);
    series[`under ${attack.toUpperCase()}-${steps}`] = required(
      content.attacked,
      "answers to attacks",
      evaluation,
    );
  }
  return reliabilityDiagram(scaled || attacked ? series : content.predictions, options);
}

/** Risk over coverage with AURC. */
export function drawCoverage({ evaluation, content }: Drawn): Chart {
  return confidenceCoverage(content.predictions, headings(evaluation, "Risk and coverage"));
}

/** Points of a robustness curve: the sweep, and the strong attacks where they were run. */
export function sweepPoints({ robustnessSweep, strongAttacks }: Evaluation): AttackResult[] {
  return [...robustnessSweep, ...strongAttacks];
}

/** Accuracy over epsilon for each attack. */
export function drawRobustness({ evaluation }: Pick<Drawn, "evaluation">): Chart {
  const points = sweepPoints(evaluation);
  return robustnessCurve(points, attackHeadings(evaluation, "Robustness", points));
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
export function drawIterations({ evaluation }: Pick<Drawn, "evaluation">): Chart {
  const { pgdIterationSweep, epsilon } = evaluation;
  const points = pgdIterationSweep.filter(({ steps }) => (steps ?? 0) >= 1)
    .map(({ steps, accuracy, n }) => ({ steps: steps!, accuracy, n }));
  return iterationCurve(
    { points, epsilon, references: referencesFor(evaluation, points[0]?.n ?? 1) },
    attackHeadings(evaluation, "Steps of PGD", pgdIterationSweep),
  );
}
