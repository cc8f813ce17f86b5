import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import type { Chart } from "./chart.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import { intervalPanel } from "./_interval_rows.ts";
import { seriesStyle } from "./_palette.ts";
import { WIDE } from "./_panel.ts";
import { requireFinite, requireNames, requireSome } from "./_require.ts";
import { requireInteger, requireList, requireOneOf } from "../arguments/require.ts";
import { percent } from "../format/percent.ts";

/** One value with its interval. */
export interface IntervalRow {
  /** Row, e.g. a run's id. */
  readonly name: string;
  /** A fraction where the chart is in percent. */
  readonly value: number;
  /** Lower end of the interval, in the unit of `value`. */
  readonly low?: number;
  /** Upper end of the interval, in the unit of `value`. */
  readonly high?: number;
  /** Values that `value` is the mean of, e.g. of single seeds: drawn as small rings. */
  readonly points?: readonly number[];
  /** Values of the same name and different series stand together, e.g. "clean" and "PGD". */
  readonly series?: string;
}

const rowNames: OptionNames<IntervalRow> = {
  name: true,
  value: true,
  low: true,
  high: true,
  points: true,
  series: true,
};

/** Options of {@linkcode barsWithIntervals}. */
export interface BarsOptions extends ChartOptions {
  /** What is shown, with its unit, e.g. "Test accuracy (95 % interval)". */
  readonly label: string;
  /** "percent" (default): values are fractions, shown as %; "number": as they are. */
  readonly unit?: "percent" | "number";
  /** "dots" (default): the axis covers the values. "bars": bars from 0. */
  readonly form?: "dots" | "bars";
  /** Decimals of the written values. Default 1 for percent, 3 for numbers. */
  readonly decimals?: number;
}

const optionNames: OptionNames<BarsOptions> = {
  ...chartOptionNames,
  label: true,
  unit: true,
  form: true,
  decimals: true,
};

function check(rows: readonly IntervalRow[]): void {
  requireSome("rows", rows.length);
  requireNames("the names of the rows", rows.map(({ name }) => name));
  const seen = new Set<string>();
  for (const { name, series, value, low, high, points = [] } of rows) {
    requireFinite(`${name}'s value and interval`, [value, low ?? value, high ?? value]);
    requireFinite(`${name}'s points`, points);
    if ((low ?? value) > value || (high ?? value) < value) {
      throw new RangeError(
        `Expected ${name}'s interval to hold ${value} but found [${low}, ${high}]`,
      );
    }
    const key = JSON.stringify([name, series]);
    if (seen.has(key)) throw new RangeError(`Expected each name and series once but found ${key}`);
    seen.add(key);
  }
}

function domainOf(rows: readonly IntervalRow[], form: "dots" | "bars"): [number, number] {
  const points = rows.flatMap((row) => row.points ?? []);
  const low = Math.min(...points, ...rows.map((row) => row.low ?? row.value));
  const high = Math.max(...points, ...rows.map((row) => row.high ?? row.value));
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.05 || 0.05;
  if (form === "bars") {
    return [Math.min(0, low - (low < 0 ? margin : 0)), Math.max(0, high + margin)];
  }
  return [low - margin, high + margin];
}

/**
 * Values with intervals in named rows, e.g. the runs of a table with their test accuracy.
 *
 * @param rows The values, drawn from top to bottom in this order.
 * @param options.label What the axis shows.
 * @returns A chart.
 * @throws {RangeError} If there is no row, a number is not finite, a value lies outside its
 * interval, or a name and series appear twice.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const rows = [{ name: "svhn-baseline", value: 0.831, low: 0.814, high: 0.847 }];
 * const chart = barsWithIntervals(rows, { label: "Test accuracy (95 % interval)" });
 * assertStringIncludes(chart.summary, "svhn-baseline 83.1 % [81.4 %, 84.7 %]");
 * ```
 */
export function barsWithIntervals(rows: readonly IntervalRow[], options: BarsOptions): Chart {
  requireKnownOptions("barsWithIntervals", options, optionNames);
  requireList("rows", rows);
  for (const row of rows) requireKnownOptions("barsWithIntervals.rows", row, rowNames);
  check(rows);
  requireOneOf("unit", options.unit ?? "percent", ["percent", "number"]);
  requireOneOf("form", options.form ?? "dots", ["dots", "bars"]);
  const isPercent = (options.unit ?? "percent") === "percent";
  const decimals = options.decimals ?? (isPercent ? 1 : 3);
  requireInteger("decimals", decimals, { min: 0, max: 20 });
  const format = (value: number) => isPercent ? percent(value, decimals) : value.toFixed(decimals);
  const names = [...new Set(rows.map((row) => row.name))];
  const series = [...new Set(rows.map((row) => row.series ?? ""))];
  const form = options.form ?? "dots";
  const panel = intervalPanel({
    rows: names,
    series: series.map((one, index) => ({
      style: seriesStyle(index),
      values: names.map((name) =>
        rows.find((row) => row.name === name && (row.series ?? "") === one) ?? null
      ),
    })),
    width: WIDE,
    ...(options.title === undefined ? {} : { header: options.label }),
    domain: domainOf(rows, form),
    percent: isPercent,
    bars: form === "bars",
    format,
  });
  const sentences = rows.map((row) => {
    const interval = row.low === undefined || row.high === undefined
      ? ""
      : ` [${format(row.low)}, ${format(row.high)}]`;
    const points = row.points ? `, mean of ${row.points.map(format).join(", ")}` : "";
    return `${row.name}${row.series ? ` (${row.series})` : ""} ${
      format(row.value)
    }${interval}${points}`;
  });
  return figure({
    title: options.title ?? options.label,
    subtitle: options.subtitle,
    legend: series.length === 1 && series[0] === "" ? [] : series.map((label, index) => ({
      label,
      color: seriesStyle(index).color,
      ...(form === "bars" ? { box: true } : { symbol: seriesStyle(index).symbol }),
    })),
    panels: [panel],
    summary: sentences.join("; "),
  });
}
