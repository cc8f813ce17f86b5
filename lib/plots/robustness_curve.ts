import { requireKnownOptions } from "../arguments/known_options.ts";
import * as Plot from "@observablehq/plot";
import { wilsonInterval } from "../metrics/wilson_interval.ts";
import type { Chart } from "./chart.ts";
import { attackStyles, attackTitle } from "./_attack_names.ts";
import { type BudgetScale, budgetScale, commonNorm } from "./_budget_scale.ts";
import { loneInterval } from "./_lone_interval.ts";
import { spacedTicks } from "./_spaced_ticks.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import { type SeriesStyle, seriesStyle } from "./_palette.ts";
import {
  axisX,
  axisY,
  grid,
  HALF,
  marginBeside,
  type Panel,
  percentTick,
  plotPanel,
  symbols,
  WIDE,
} from "./_panel.ts";
import {
  requireDistinct,
  requireFinite,
  requireFraction,
  requireNames,
  requireSome,
} from "./_require.ts";
import { requireParts } from "../arguments/require.ts";
import { textWidth } from "./_text.ts";
import { INTERVAL_95, percent } from "../format/percent.ts";
import { epsilonText } from "../format/epsilon.ts";

/** One measurement; the rows of `attackSweep` fit. */
export interface RobustnessPoint {
  /** Name of the attack, e.g. "pgd"; one line is drawn for each. */
  readonly attack: string;
  /** Budget in pixel units, e.g. 8 / 255. */
  readonly epsilon: number;
  /** Norm of the budget, the same in all rows. Default "linf". */
  readonly norm?: "linf" | "l2" | undefined;
  /** Fraction in [0, 1]. */
  readonly accuracy: number;
  /** Images attacked. */
  readonly n: number;
}

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

interface Curve {
  readonly name: string;
  readonly style: SeriesStyle;
  readonly points: Placed[];
}

const MARGINS = 54 + 14;
const TICKS = [0, 20, 40, 60, 80, 100];

function check(model: string, rows: readonly RobustnessPoint[]): void {
  requireSome(`${model}'s sweep`, rows.length);
  for (const { attack, epsilon, accuracy, n } of rows) {
    requireFinite(`${model}'s ${attack} epsilon and n`, [epsilon, n]);
    requireFraction(`${model}'s ${attack} accuracy at epsilon ${epsilonText(epsilon)}`, accuracy);
    if (!(Number.isInteger(n) && n >= 1 && epsilon >= 0)) {
      throw new RangeError(
        `Expected ${model}'s ${attack} rows to have epsilon >= 0 and n >= 1 but found epsilon ` +
          `${epsilon}, n ${n}`,
      );
    }
  }
}

/** Requires one accuracy of each attack at each budget. */
function checkDistinct(model: string, rows: readonly RobustnessPoint[]): void {
  for (const attack of new Set(rows.map((row) => row.attack))) {
    const own = rows.filter((row) => row.attack === attack);
    requireDistinct(`the epsilons of ${model}'s ${attack} rows`, own.map(({ epsilon }) => epsilon));
  }
}

function place({ epsilon, norm, accuracy, n }: RobustnessPoint): Placed {
  const { low, high } = wilsonInterval(Math.round(accuracy * n), n);
  return {
    x: budgetScale(norm).place(epsilon),
    y: 100 * accuracy,
    low: 100 * low,
    high: 100 * high,
  };
}

function curveOf(name: string, style: SeriesStyle, rows: readonly RobustnessPoint[]): Curve {
  return { name, style, points: rows.map(place).sort((a, b) => a.x - b.x) };
}

function curveMarks({ style, points }: Curve, index: number): Plot.Markish[] {
  return [
    // A band, not whiskers: those of several attacks at one epsilon would cover each other.
    ...loneInterval(points, style, index),
    Plot.areaY(points, { x: "x", y1: "low", y2: "high", fill: style.color, fillOpacity: 0.16 }),
    Plot.line(points, {
      x: "x",
      y: "y",
      stroke: style.color,
      strokeWidth: 2.2,
      strokeDasharray: style.dash,
    }),
    symbols(points, style),
  ];
}

function panel(
  curves: readonly Curve[],
  width: number,
  title: string | undefined,
  { change, unit }: BudgetScale,
): Panel {
  const budgets = curves.flatMap(({ points }) => points.map((point) => point.x));
  const largest = Math.max(...budgets) || 1;
  const widest = Math.max(...budgets.map((budget) => textWidth(`${budget}`)));
  const ticks = spacedTicks(
    budgets,
    (x) => (width - MARGINS) * x / largest,
    Math.max(22, widest + 4),
  );
  return plotPanel({
    width,
    height: width > HALF ? 340 : 270,
    ...(title === undefined ? {} : { title }),
    header: `Accuracy (band: ${INTERVAL_95})`,
    marginRight: marginBeside(`${largest}`),
    x: { domain: [0, largest] },
    y: { domain: [0, 100] },
    marks: [
      ...grid(ticks, TICKS),
      axisX(width > HALF ? `${change}, epsilon ${unit}` : `Epsilon ${unit}`, {
        ticks,
        tickFormat: String,
      }),
      axisY({ ticks: TICKS, tickFormat: percentTick }),
      ...curves.flatMap(curveMarks),
    ],
  });
}

function sentence(model: string, rows: readonly RobustnessPoint[]): string {
  const attacks = [...new Set(rows.map((row) => row.attack))];
  const parts = attacks.map((attack) => {
    const own = rows.filter((row) => row.attack === attack).sort((a, b) => a.epsilon - b.epsilon);
    const values = own.map((row) =>
      `${percent(row.accuracy)} at ${budgetScale(row.norm).place(row.epsilon)}`
    );
    return `${attackTitle(attack)} ${values.join(", ")}`;
  });
  return `${model === "" ? "" : `${model}: `}${parts.join("; ")}`;
}

function modelsOf(
  sweeps: readonly RobustnessPoint[] | Readonly<Record<string, readonly RobustnessPoint[]>>,
): [string, readonly RobustnessPoint[]][] {
  const isOne = (input: typeof sweeps): input is readonly RobustnessPoint[] => Array.isArray(input);
  return isOne(sweeps) ? [["", sweeps]] : Object.entries(sweeps);
}

/**
 * Accuracy over the attack budget, one curve an attack with its 95 % Wilson band. Several models
 * stand in panels on shared axes; with only one attack they share one panel.
 *
 * @param sweeps Rows of `attackSweep`, or those of several models by name. Accuracies are
 * fractions; epsilons are in pixel units (8 / 255).
 * @returns A chart with the epsilon axis in 255ths, or, for rows in l2, in lengths.
 * @throws {RangeError} If there is no row, a number is out of its range, or norms are mixed.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const chart = robustnessCurve([
 *   { attack: "pgd", epsilon: 0, accuracy: 0.55, n: 1000 },
 *   { attack: "pgd", epsilon: 8 / 255, accuracy: 0.04, n: 1000 },
 * ]);
 * assertStringIncludes(chart.summary, "PGD 55.0 % at 0, 4.0 % at 8");
 * ```
 */
export function robustnessCurve(
  sweeps: readonly RobustnessPoint[] | Readonly<Record<string, readonly RobustnessPoint[]>>,
  options: ChartOptions = {},
): Chart {
  requireKnownOptions("robustnessCurve", options, chartOptionNames);
  requireParts("sweeps", sweeps, "a sweep, or several by name", []);
  const models = modelsOf(sweeps);
  requireSome("sweeps", models.length);
  if (models.length > 1) requireNames("the names of the sweeps", models.map(([name]) => name));
  const labelled = models.map(([name, rows]) => [name || "the model", rows] as const);
  for (const [name, rows] of labelled) check(name, rows);
  const scale = budgetScale(commonNorm(models.flatMap(([, rows]) => rows)));
  for (const [name, rows] of labelled) checkDistinct(name, rows);
  const attacks = [...new Set(models.flatMap(([, rows]) => rows.map((row) => row.attack)))];
  const styles = attackStyles(attacks);
  const byModel = models.length > 1 && attacks.length === 1;
  const groups: { title: string | undefined; curves: Curve[] }[] = byModel
    ? [{
      title: `Under ${attackTitle(attacks[0]!)}`,
      curves: models.map(([name, rows], index) => curveOf(name, seriesStyle(index), rows)),
    }]
    : models.map(([name, rows]) => ({
      title: name === "" ? undefined : name,
      curves: attacks.flatMap((attack) => {
        const own = rows.filter((row) => row.attack === attack);
        if (own.length === 0) return [];
        return [curveOf(attackTitle(attack), styles.get(attack)!, own)];
      }),
    }));
  const keys = new Map(groups.flatMap(({ curves }) => curves.map((curve) => [curve.name, curve])));
  return figure({
    title: options.title ?? "Robustness",
    subtitle: options.subtitle,
    legend: [...keys.values()].map(({ name, style }) => ({ label: name, ...style })),
    panels: groups.map(({ title, curves }) =>
      panel(curves, groups.length > 1 ? HALF : WIDE, title, scale)
    ),
    columns: 2,
    summary: `${scale.note}; ${models.map(([name, rows]) => sentence(name, rows)).join(". ")}`,
  });
}
