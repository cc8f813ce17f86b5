import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import * as Plot from "@observablehq/plot";
import { wilsonInterval } from "../metrics/wilson_interval.ts";
import type { Chart } from "./chart.ts";
import { attackStyle, attackTitle } from "./_attack_names.ts";
import { type BudgetNorm, budgetScale, commonNorm } from "./_budget_scale.ts";
import { loneInterval } from "./_lone_interval.ts";
import { spacedTicks } from "./_spaced_ticks.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import type { LegendEntry } from "./_legend.ts";
import { type SeriesStyle, seriesStyle } from "./_palette.ts";
import { axisX, axisY, grid, percentTick, plotPanel, symbols, WIDE } from "./_panel.ts";
import { requireDistinct, requireFraction, requireNames, requireSome } from "./_require.ts";
import { requireParts } from "../arguments/require.ts";
import { INTERVAL_95, percent } from "../format/percent.ts";

/** PGD accuracy at one number of steps. */
export interface IterationPoint {
  /** At least 1. */
  readonly steps: number;
  /** Fraction in [0, 1]. */
  readonly accuracy: number;
  /** Images attacked. */
  readonly n: number;
  /** Norm of the budget, the same in all points. Default "linf". */
  readonly norm?: "linf" | "l2" | undefined;
}

/** What {@linkcode iterationCurve} draws. */
export interface IterationCurveInput {
  /** Measurements in any order, at least one. */
  readonly points: readonly IterationPoint[];
  /** Accuracies (fractions) drawn as level lines, e.g. `{ clean: 0.55, noise: 0.54, fgsm: 0.12 }`. */
  readonly references?: Readonly<Record<string, number>>;
  /** The budget in pixel units; named on the chart. */
  readonly epsilon?: number;
}

const inputNames: OptionNames<IterationCurveInput> = {
  points: true,
  references: true,
  epsilon: true,
};

const TICKS = [0, 20, 40, 60, 80, 100];
function check(name: string, { points, references = {} }: IterationCurveInput): void {
  requireSome(`${name} points`, points.length);
  for (const { steps, accuracy, n } of points) {
    requireFraction(`${name} accuracy at ${steps} steps`, accuracy);
    if (!(Number.isInteger(steps) && steps >= 1 && Number.isInteger(n) && n >= 1)) {
      throw new RangeError(
        `Expected ${name} points to have whole steps >= 1 and n >= 1 but found ${steps}, ${n}`,
      );
    }
  }
  requireDistinct(`the steps of ${name} points`, points.map(({ steps }) => steps));
  for (const [reference, accuracy] of Object.entries(references)) {
    requireFraction(`${name} reference ${reference}`, accuracy);
  }
}

interface Curve {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

function curve(points: readonly IterationPoint[]): Curve[] {
  return points.map(({ steps, accuracy, n }) => {
    const { low, high } = wilsonInterval(Math.round(accuracy * n), n);
    return { x: steps, y: 100 * accuracy, low: 100 * low, high: 100 * high };
  }).sort((a, b) => a.x - b.x);
}

function curveMarks(points: Curve[], style: SeriesStyle, index: number): Plot.Markish[] {
  return [
    ...loneInterval(points, style, index),
    Plot.areaY(points, { x: "x", y1: "low", y2: "high", fill: style.color, fillOpacity: 0.16 }),
    Plot.line(points, { x: "x", y: "y", stroke: style.color, strokeWidth: 2.2 }),
    symbols(points, style),
  ];
}

// With one model a level's colour says which attack; with several, whose level it is.
function referenceStyle(name: string, position: number, model: SeriesStyle, several: boolean) {
  const { color, dash } = attackStyle(name, position + 2);
  return { color: several ? model.color : color, dash: dash === "none" ? "9 5" : dash };
}

const attackIn = (norm: BudgetNorm | undefined) => norm === "l2" ? "L2 PGD" : "PGD";

function sentence(name: string, { points, references = {} }: IterationCurveInput): string {
  const values = [...points].sort((a, b) => a.steps - b.steps)
    .map(({ steps, accuracy }) => `${percent(accuracy)} after ${steps}`);
  const levels = Object.entries(references)
    .map(([reference, accuracy]) => `${attackTitle(reference)} ${percent(accuracy)}`);
  const attack = attackIn(points[0]!.norm);
  return `${name === "" ? "" : `${name}: `}${attack} accuracy by steps: ${values.join(", ")}` +
    (levels.length === 0 ? "" : `; for comparison ${levels.join(", ")}`);
}

/**
 * Accuracy over the number of PGD steps (logarithmic axis) with its 95 % Wilson band, and level
 * lines for comparison, e.g. clean, noise and FGSM. A curve that still falls at its right end
 * means that the attack was not run long enough.
 *
 * @param input Points and references of one model, or of several by name. Fractions.
 * @returns A chart.
 * @throws {RangeError} If there is no point, a number is out of its range, or norms are mixed.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const points = [{ steps: 1, accuracy: 0.2, n: 500 }, { steps: 10, accuracy: 0.05, n: 500 }];
 * const chart = iterationCurve({ points, references: { clean: 0.55, fgsm: 0.15 } });
 * assertStringIncludes(chart.summary, "20.0 % after 1, 5.0 % after 10");
 * assertStringIncludes(chart.summary, "FGSM 15.0 %");
 * ```
 */
export function iterationCurve(
  input: IterationCurveInput | Readonly<Record<string, IterationCurveInput>>,
  options: ChartOptions = {},
): Chart {
  requireKnownOptions("iterationCurve", options, chartOptionNames);
  requireParts("input", input, "a sweep over steps, or several by name", []);
  const isOne = (one: typeof input): one is IterationCurveInput => Array.isArray(one.points);
  const models = Object.entries(isOne(input) ? { "": input } : input);
  requireSome("input", models.length);
  if (models.length > 1) requireNames("the names of the models", models.map(([name]) => name));
  for (const [name, model] of models) {
    requireKnownOptions("iterationCurve", model, inputNames);
    check(name === "" ? "the" : `${name}'s`, model);
  }
  const norm = commonNorm(models.flatMap(([, { points }]) => points));
  const attack = attackIn(norm);
  const steps = models.flatMap(([, { points }]) => points.map((point) => point.steps));
  const [fewest, most] = [Math.min(...steps), Math.max(...steps)];
  const domain = fewest === most ? [fewest / 2, fewest * 2] : [fewest, most];
  const place = (x: number) => 470 * Math.log(x / domain[0]!) / Math.log(domain[1]! / domain[0]!);
  const ticks = spacedTicks(steps, place, 24);
  const marks: Plot.Markish[] = [];
  const keys: LegendEntry[] = [];
  models.forEach(([name, { points, references = {} }], index) => {
    const style = models.length > 1 ? seriesStyle(index) : attackStyle("pgd", 0);
    for (const [position, [reference, accuracy]] of Object.entries(references).entries()) {
      const line = referenceStyle(reference, position, style, models.length > 1);
      const label = `${name} ${attackTitle(reference)} ${percent(accuracy)}`.trim();
      marks.push(Plot.ruleY([100 * accuracy], {
        stroke: line.color,
        strokeWidth: 1.8,
        strokeDasharray: line.dash,
      }));
      keys.push({ label, ...line });
    }
    marks.push(...curveMarks(curve(points), style, index));
    keys.push({ label: `${name} ${attack}`.trim(), ...style, dash: "none" });
  });
  const epsilons = [...new Set(models.flatMap(([, { epsilon }]) => epsilon ?? []))];
  return figure({
    title: options.title ?? "Accuracy by PGD steps",
    subtitle: options.subtitle,
    legend: keys,
    panels: [plotPanel({
      width: WIDE,
      height: 330,
      header: `Accuracy (band: ${INTERVAL_95})${
        epsilons.length === 1 ? ` at epsilon ${budgetScale(norm).text(epsilons[0]!)}` : ""
      }`,
      x: { domain, type: "log" },
      y: { domain: [0, 100] },
      marks: [
        ...grid(ticks, TICKS),
        axisX(`${attack} steps (logarithmic axis)`, { ticks, tickFormat: String }),
        axisY({ ticks: TICKS, tickFormat: percentTick }),
        ...marks,
      ],
    })],
    summary: models.map(([name, model]) => sentence(name, model)).join(". "),
  });
}
