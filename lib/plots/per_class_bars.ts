import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { confusionMatrix } from "../metrics/confusion.ts";
import type { Predictions } from "../metrics/predictions.ts";
import { quantileOfSorted } from "../metrics/quantile.ts";
import { wilsonInterval } from "../metrics/wilson_interval.ts";
import type { Chart } from "./chart.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import { intervalPanel, type IntervalValue } from "./_interval_rows.ts";
import { seriesStyle } from "./_palette.ts";
import { requireFinite, requireLength, requireNames, requireSome } from "./_require.ts";
import { requireParts } from "../arguments/require.ts";
import { INTERVAL_95, percent } from "../format/percent.ts";
import { thousands } from "../format/thousands.ts";

/** Options of {@linkcode perClassBars}. */
export interface PerClassOptions extends ChartOptions {
  /** K names; default "0", "1", ... */
  readonly classNames?: readonly string[];
}

const optionNames: OptionNames<PerClassOptions> = { ...chartOptionNames, classNames: true };

/** More rows than this are no chart any more. */
const MOST_ROWS = 100;
/** Of more classes, so many of the lowest and of the highest accuracy are shown. */
const LOWEST = 30;
const HIGHEST = 10;

/** A K x K confusion matrix of counts; row: true class, column: predicted class. */
export type ConfusionCounts = readonly (readonly number[])[];

interface ClassAccuracy extends IntervalValue {
  readonly count: number;
}

function accuracies(matrix: ConfusionCounts): (ClassAccuracy | null)[] {
  return matrix.map((row, label) => {
    requireLength(`matrix row ${label}`, row.length, matrix.length);
    requireFinite(`matrix row ${label}`, row);
    const count = row.reduce((sum, cell) => sum + cell, 0);
    if (count === 0) return null;
    return { value: row[label]! / count, ...wilsonInterval(row[label]!, count), count };
  });
}

function isCounts(input: unknown): input is ConfusionCounts {
  return Array.isArray(input);
}

function seriesOf(
  input: Predictions | ConfusionCounts | Readonly<Record<string, Predictions | ConfusionCounts>>,
): [string, ConfusionCounts][] {
  const counts = (one: Predictions | ConfusionCounts) => isCounts(one) ? one : confusionMatrix(one);
  if (isCounts(input) || isPredictions(input)) return [["", counts(input)]];
  return Object.entries(input).map(([name, one]) => [name, counts(one)]);
}

function isPredictions(input: object): input is Predictions {
  return "logits" in input && input.logits instanceof Float32Array;
}

/** The classes that have a row: all, or by rising accuracy the lowest and the highest. */
function shownClasses(values: readonly (ClassAccuracy | null)[]): number[] {
  const all = values.map((_, label) => label);
  if (values.length <= MOST_ROWS) return all;
  const known = all.filter((label) => values[label] !== null)
    .sort((a, b) => values[a]!.value - values[b]!.value);
  return known.length <= LOWEST + HIGHEST
    ? known
    : [...known.slice(0, LOWEST), ...known.slice(-HIGHEST)];
}

/** What the classes without a row have. */
function notes(values: readonly (ClassAccuracy | null)[], shown: readonly number[]): string[] {
  if (shown.length === values.length) return [];
  const known = values.flatMap((one) => one === null ? [] : [one.value]).sort((a, b) => a - b);
  const [low, median, high] = [0.25, 0.5, 0.75].map((q) => percent(quantileOfSorted(known, q)));
  return [
    `Of ${
      thousands(values.length)
    } classes the ${LOWEST} of lowest and the ${HIGHEST} of highest ` +
    `accuracy. Median of all: ${median}; the middle half: ${low} to ${high}.`,
  ];
}

function sentence(
  name: string,
  values: (ClassAccuracy | null)[],
  names: readonly string[],
): string {
  const known = values.flatMap((one, label) => one === null ? [] : [{ ...one, label }])
    .sort((a, b) => a.value - b.value);
  const [worst, best] = [known[0]!, known.at(-1)!];
  return `${name === "" ? "" : `${name}: `}worst class ${names[worst.label]} ${
    percent(worst.value)
  } ` +
    `(n = ${worst.count}), best ${names[best.label]} ${percent(best.value)} (n = ${best.count})`;
}

/**
 * Accuracy by true class with 95 % Wilson intervals, beside each class's share of the images. Of more
 * than 100 classes it shows the 30 of lowest and the 10 of highest accuracy, by the first input.
 *
 * @param input Predictions or K x K counts (row = truth); or several of them by name, which must
 * be of the same images.
 * @returns A chart. A class without images has no bar.
 * @throws {RangeError} If there is nothing to show, or shapes or names do not fit.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const chart = perClassBars([[8, 2], [1, 9]], { classNames: ["cat", "dog"] });
 * assertStringIncludes(chart.summary, "worst class cat 80.0 % (n = 10)");
 * ```
 */
export function perClassBars(
  input: Predictions | ConfusionCounts | Readonly<Record<string, Predictions | ConfusionCounts>>,
  options: PerClassOptions = {},
): Chart {
  requireKnownOptions("perClassBars", options, optionNames);
  requireParts("input", input, "predictions or counts", []);
  const series = seriesOf(input).map(([name, matrix]) => ({ name, values: accuracies(matrix) }));
  requireSome("input", series.length);
  const several = series.length > 1;
  const first = series[0]!.values;
  const names = options.classNames ?? first.map((_, label) => `${label}`);
  requireNames("classNames", names);
  if (several) requireNames("input names", series.map(({ name }) => name));
  for (const { name, values } of series) {
    requireLength("classNames", names.length, values.length);
    if (values.every((value) => value === null)) {
      throw new RangeError(`Expected input ${name} to hold at least one image`);
    }
    values.forEach((value, label) => {
      if (value?.count !== first[label]?.count) {
        throw new RangeError(
          `Expected all inputs to be of the same images but ${name} has ${value?.count ?? 0} of ` +
            `class ${names[label]}, ${series[0]!.name} ${first[label]?.count ?? 0}`,
        );
      }
    });
  }
  const total = first.reduce((sum, one) => sum + (one?.count ?? 0), 0);
  const shown = shownClasses(first);
  const rows = shown.map((label) => names[label]!);
  const shares = shown.map((label) => ({ value: (first[label]?.count ?? 0) / total }));
  const panels = [
    intervalPanel({
      rows,
      series: series.map(({ values }, index) => ({
        style: seriesStyle(index),
        values: shown.map((label) => values[label]!),
      })),
      width: 400,
      header: `Accuracy (${INTERVAL_95})`,
      domain: [0, 1],
      percent: true,
      bars: !several,
      format: (value) => percent(value),
    }),
    intervalPanel({
      rows,
      // As many slots as the panel beside it, so that the rows line up.
      series: series.map((_, index) => ({
        style: { ...seriesStyle(0), color: "#8c8c8c" },
        values: index === (series.length - 1) >> 1 ? shares : shares.map(() => null),
      })),
      width: 190,
      header: "Share of the images",
      domain: [0, Math.max(...shares.map((one) => one.value)) * 1.05],
      percent: true,
      bars: true,
      named: false,
      format: (value) => percent(value),
    }),
  ];
  return figure({
    title: options.title ?? "Accuracy by class",
    subtitle: options.subtitle,
    legend: several
      ? series.map(({ name }, index) => ({
        label: name,
        color: seriesStyle(index).color,
        symbol: seriesStyle(index).symbol,
      }))
      : [],
    panels,
    columns: 2,
    notes: notes(first, shown),
    summary: series.map(({ name, values }) => sentence(name, values, names)).join("; "),
  });
}
