import { requireKnownOptions } from "../arguments/known_options.ts";
import * as Plot from "@observablehq/plot";
import type { Chart } from "./chart.ts";
import { spacedTicks } from "./_spaced_ticks.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import { seriesStyle } from "./_palette.ts";
import { axisX, axisY, grid, percentTick, plotPanel, rings, symbols, WIDE } from "./_panel.ts";
import { requireDistinct, requireFraction, requireNames, requireSome } from "./_require.ts";
import { requireParts } from "../arguments/require.ts";
import { INTERVAL_95, percent } from "../format/percent.ts";
import { thousands } from "../format/thousands.ts";

/** Accuracy after training on this number of images. */
export interface LearningPoint {
  /** Training images, at least 1. */
  readonly size: number;
  /** Fraction in [0, 1]. */
  readonly accuracy: number;
  /** Ends of its interval, fractions. */
  readonly low: number;
  /** Upper end of its interval, a fraction. */
  readonly high: number;
  /** Accuracies that `accuracy` is the mean of, e.g. of single seeds: drawn as small rings. */
  readonly points?: readonly number[];
}

function check(method: string, points: readonly LearningPoint[]): void {
  requireSome(`${method}'s points`, points.length);
  for (const { size, accuracy, low, high, points: single = [] } of points) {
    single.forEach((value) => requireFraction(`${method}'s points at size ${size}`, value));
    for (const [name, value] of Object.entries({ accuracy, low, high })) {
      requireFraction(`${method}'s ${name} at size ${size}`, value);
    }
    if (!(Number.isInteger(size) && size >= 1 && low <= accuracy && accuracy <= high)) {
      throw new RangeError(
        `Expected ${method}'s points to have a whole size >= 1 and low <= accuracy <= high but ` +
          `found size ${size}, ${accuracy} in [${low}, ${high}]`,
      );
    }
  }
  requireDistinct(`the sizes of ${method}'s points`, points.map(({ size }) => size));
}

/**
 * Test accuracy over the number of training images (logarithmic axis), one curve a method, with
 * intervals.
 *
 * @param curves Points by method, e.g. `{ probe, finetune, scratch }`. Fractions.
 * @returns A chart.
 * @throws {RangeError} If there is no method or point, or a number is out of its range.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const chart = learningCurve({
 *   probe: [{ size: 250, accuracy: 0.4, low: 0.38, high: 0.42 }],
 *   scratch: [{ size: 250, accuracy: 0.3, low: 0.28, high: 0.32 }],
 * });
 * assertStringIncludes(chart.summary, "probe 40.0 % with 250");
 * ```
 */
export function learningCurve(
  curves: Readonly<Record<string, readonly LearningPoint[]>>,
  options: ChartOptions = {},
): Chart {
  requireKnownOptions("learningCurve", options, chartOptionNames);
  requireParts("curves", curves, "lists of points by name", []);
  const methods = Object.entries(curves).map(([name, points], index) => {
    check(name, points);
    return { name, points: [...points].sort((a, b) => a.size - b.size), style: seriesStyle(index) };
  });
  requireSome("curves", methods.length);
  requireNames("the names of the curves", methods.map(({ name }) => name));
  const sizes = methods.flatMap(({ points }) => points.map((point) => point.size));
  const domain = [Math.min(...sizes) / 1.25, Math.max(...sizes) * 1.25];
  const place = (x: number) =>
    (WIDE - 68) * Math.log(x / domain[0]!) / Math.log(domain[1]! / domain[0]!);
  const ticks = spacedTicks(sizes, place, 54);
  const highest = Math.max(
    ...methods.flatMap(({ points }) =>
      points.flatMap(({ high, points = [] }) => [high, ...points])
    ),
  );
  const marks = methods.flatMap(({ points, style }, index) => {
    // A few pixels aside, so that whiskers of equal sizes do not cover each other.
    const dx = (index - (methods.length - 1) / 2) * 5;
    const beside = (size: number) => size * (domain[1]! / domain[0]!) ** (dx / (WIDE - 68));
    const single = points.flatMap(({ size, points = [] }) =>
      points.map((accuracy) => ({ x: beside(size), y: 100 * accuracy }))
    );
    const drawn = points.map(({ size, accuracy, low, high }) => ({
      x: beside(size),
      y: 100 * accuracy,
      low: 100 * low,
      high: 100 * high,
    }));
    return [
      Plot.ruleX(drawn, { x: "x", y1: "low", y2: "high", stroke: style.color, strokeWidth: 1.8 }),
      Plot.line(drawn, {
        x: "x",
        y: "y",
        stroke: style.color,
        strokeWidth: 2.2,
        strokeDasharray: style.dash,
      }),
      symbols(drawn, style),
      ...(single.length > 0 ? [rings(single)] : []),
    ];
  });
  const rung = methods.some(({ points }) => points.some((one) => one.points !== undefined));
  return figure({
    title: options.title ?? "Accuracy by number of training images",
    subtitle: options.subtitle,
    legend: methods.map(({ name, style }) => ({ label: name, ...style })),
    panels: [plotPanel({
      width: WIDE,
      height: 330,
      header: `Test accuracy (whiskers: ${INTERVAL_95}${rung ? "; rings: single seeds" : ""})`,
      x: { domain, type: "log" },
      y: { domain: [0, Math.min(100, 110 * highest)] },
      marks: [
        ...grid(ticks),
        axisX("Training images (logarithmic axis)", {
          ticks,
          tickFormat: (size: number) => thousands(size),
        }),
        axisY({ ticks: 6, tickFormat: percentTick }),
        ...marks,
      ],
    })],
    summary: methods.map(({ name, points }) =>
      `${name} ` +
      points.map((point) =>
        `${percent(point.accuracy)} with ${point.size}` +
        (point.points ? ` (mean of ${point.points.map((one) => percent(one)).join(", ")})` : "")
      ).join(", ")
    ).join("; "),
  });
}
