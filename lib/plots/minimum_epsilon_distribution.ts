import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import * as Plot from "@observablehq/plot";
import type { Chart } from "./chart.ts";
import { type BudgetScale, budgetScale } from "./_budget_scale.ts";
import { spacedTicks } from "./_spaced_ticks.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import { MUTED_INK, seriesStyle } from "./_palette.ts";
import {
  axisX,
  axisY,
  grid,
  marginBeside,
  percentTick,
  plotPanel,
  symbols,
  WIDE,
} from "./_panel.ts";
import { requireNames, requireSome } from "./_require.ts";
import { textWidth } from "./_text.ts";
import { requireParts } from "../arguments/require.ts";
import { percent } from "../format/percent.ts";

/** Options of {@linkcode minimumEpsilonDistribution}. */
export interface MinimumEpsilonOptions extends ChartOptions {
  /** Norm of the budgets. Default "linf". */
  readonly norm?: "linf" | "l2";
}

const optionNames: OptionNames<MinimumEpsilonOptions> = { ...chartOptionNames, norm: true };

interface Distribution {
  readonly name: string;
  readonly n: number;
  /** Share (in %) of images fooled at a budget of at most x, in the unit of the axis. */
  readonly points: { readonly x: number; readonly y: number }[];
  readonly never: number;
  readonly median: number;
}

const TICKS = [0, 20, 40, 60, 80, 100];

function distribution(
  name: string,
  values: ArrayLike<number>,
  { place }: BudgetScale,
): Distribution {
  const n = values.length;
  const label = name === "" ? "values" : name;
  requireSome(label, n);
  const sorted = Float64Array.from(values).sort();
  sorted.forEach((value, index) => {
    if (!(value >= 0)) {
      throw new RangeError(
        `Expected ${label} to hold epsilons >= 0, Infinity where no budget was enough, but found ` +
          `${value} (rank ${index})`,
      );
    }
  });
  const finite = sorted.filter((value) => value < Infinity);
  const budgets = [...new Set(finite)];
  const points = budgets.map((budget) => ({
    x: place(budget),
    y: 100 * (finite.findLastIndex((value) => value === budget) + 1) / n,
  }));
  return { name, n, points, never: (n - finite.length) / n, median: sorted[(n - 1) >> 1]! };
}

// A budget of 0 means that the image is misclassified as it is.
function steps(one: Distribution, largest: number): { x: number; y: number }[] {
  const first = one.points[0];
  const start = first !== undefined && first.x === 0 ? [] : [{ x: 0, y: 0 }];
  const last = one.points.at(-1)?.y ?? 0;
  return [...start, ...one.points, { x: largest, y: last }];
}

function numbers(
  { name, never, median }: Distribution,
  largest: number,
  { text, placeText }: BudgetScale,
): string {
  const middle = Number.isFinite(median)
    ? `median ${text(median)}`
    : `median above ${placeText(largest)}`;
  return `${name === "" ? "" : `${name}: `}${middle}, ${percent(never)} never fooled`;
}

/**
 * How small a budget already fools each image: the share of images fooled at a budget of at most
 * epsilon, as a step curve.
 *
 * @param values Each image's smallest tried epsilon that fools the model, in pixel units
 * (`minimumEpsilon`): 0 where the clean image is wrong, Infinity where no tried budget was enough.
 * Or those of several models or attacks by name.
 * @returns A chart with the epsilon axis in 255ths, or, with norm "l2", in lengths.
 * @throws {RangeError} If there is no image, or a value is negative or NaN.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const chart = minimumEpsilonDistribution([0, 2 / 255, 2 / 255, 8 / 255, Infinity]);
 * assertStringIncludes(chart.summary, "median 2/255, 20.0 % never fooled");
 * ```
 */
export function minimumEpsilonDistribution(
  values: ArrayLike<number> | Readonly<Record<string, ArrayLike<number>>>,
  options: MinimumEpsilonOptions = {},
): Chart {
  requireKnownOptions("minimumEpsilonDistribution", options, optionNames);
  requireParts("values", values, "budgets, or several lists by name", []);
  const scale = budgetScale(options.norm);
  const isOne = (input: typeof values): input is ArrayLike<number> =>
    typeof (input as ArrayLike<number>).length === "number";
  const all = Object.entries(isOne(values) ? { "": values } : values)
    .map(([name, one]) => distribution(name, one, scale));
  requireSome("values", all.length);
  if (all.length > 1) requireNames("the names of the values", all.map(({ name }) => name));
  const budgets = all.flatMap(({ points }) => points.map((point) => point.x));
  const largest = Math.max(0, ...budgets) || 1;
  const widest = Math.max(0, ...budgets.map((budget) => textWidth(`${budget}`)));
  const ticks = spacedTicks(
    [0, ...budgets],
    (x) => (WIDE - 68) * x / largest,
    Math.max(24, widest + 4),
  );
  const panel = plotPanel({
    width: WIDE,
    height: 320,
    header: "Share of images fooled at this budget or less",
    marginRight: marginBeside(`${largest}`),
    x: { domain: [0, largest] },
    y: { domain: [0, 100] },
    marks: [
      ...grid(ticks, TICKS),
      Plot.ruleY([50], { stroke: MUTED_INK, strokeDasharray: "2 3" }),
      axisX(`Smallest epsilon that fools the model ${scale.unit}`, { ticks, tickFormat: String }),
      axisY({ ticks: TICKS, tickFormat: percentTick }),
      ...all.flatMap((one, index) => {
        const { dash, ...style } = seriesStyle(index);
        return [
          Plot.line(steps(one, largest), {
            x: "x",
            y: "y",
            curve: "step-after",
            stroke: style.color,
            strokeWidth: 2.2,
            strokeDasharray: dash,
          }),
          // Many distinct budgets make the steps a curve; marks would only cover it.
          ...(one.points.length <= 20 ? [symbols(one.points, style)] : []),
        ];
      }),
    ],
  });
  return figure({
    title: options.title ?? "Smallest budget that fools the model",
    subtitle: options.subtitle,
    legend: all.map((one, index) => ({
      label: numbers(one, largest, scale),
      ...seriesStyle(index),
    })),
    panels: [panel],
    notes: ["At 0: images that are wrong without any attack."],
    summary: all.map((one) => `${numbers(one, largest, scale)} (n = ${one.n})`).join("; "),
  });
}
