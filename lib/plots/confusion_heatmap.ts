import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import * as Plot from "@observablehq/plot";
import { confusionMatrix } from "../metrics/confusion.ts";
import { type FrequentConfusion, frequentConfusions } from "../metrics/frequent_confusions.ts";
import type { Predictions } from "../metrics/predictions.ts";
import type { Chart } from "./chart.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import { BLUE, CONTEXT, inkOn, tint, VERMILLION } from "./_palette.ts";
import { plotPanel } from "./_panel.ts";
import { requireFinite, requireLength, requireNames, requireSome } from "./_require.ts";
import { textWidth } from "./_text.ts";
import { requireParts } from "../arguments/require.ts";
import { percent } from "../format/percent.ts";
import { thousands } from "../format/thousands.ts";

/** Options of {@linkcode confusionHeatmap}. */
export interface ConfusionOptions extends ChartOptions {
  /** K names; default "0", "1", ... */
  readonly classNames?: readonly string[];
}

const optionNames: OptionNames<ConfusionOptions> = { ...chartOptionNames, classNames: true };

interface Cell {
  /** Class indices: names may be equal. */
  readonly truth: number;
  readonly predicted: number;
  readonly count: number;
  readonly share: number;
  readonly fill: string;
}

const CELL = 50;
/** The matrix is at least as wide as its axis' label. */
const NARROWEST = 240;
/** Beyond this many classes, numbers no longer fit into the cells. */
const MOST_LABELLED = 12;
/** Beyond this many classes, cells without images are left out: they would hide the others. */
const MOST_OUTLINED = 40;
/** A cell of the largest whole heat map is three pixels wide. */
const MOST_WHOLE = 200;
/** Of more classes as many are shown as can be named. */
const MOST_SHOWN = 30;
/** Height of a slanted name along the axis. */
const NAME_HEIGHT = 18;

// The square root lets a 4 % confusion show (a fifth of the way to the full colour).
function cellColor(right: boolean, share: number): string {
  return tint(right ? BLUE : VERMILLION, right ? share : Math.sqrt(share));
}

function cells(matrix: readonly (readonly number[])[], classes: readonly number[]): Cell[] {
  return classes.flatMap((truth) => {
    const row = matrix[truth]!;
    const total = row.reduce((sum, count) => sum + count, 0);
    return classes.map((predicted) => {
      const count = row[predicted]!;
      const share = total === 0 ? 0 : count / total;
      const fill = cellColor(truth === predicted, share);
      return { truth, predicted, count, share, fill };
    });
  });
}

function check(matrix: readonly (readonly number[])[], names: readonly string[]): void {
  requireSome("matrix", matrix.length);
  requireLength("classNames", names.length, matrix.length);
  requireNames("classNames", names);
  matrix.forEach((row, index) => {
    requireLength(`matrix row ${index}`, row.length, matrix.length);
    requireFinite(`matrix row ${index}`, row);
    if (row.some((count) => count < 0)) {
      throw new RangeError(`Expected matrix row ${index} to hold counts but found a negative one`);
    }
  });
}

/** The classes of the most frequent confusions, in class order; all classes where they have room. */
function shownClasses(confusions: readonly FrequentConfusion[], classes: number): number[] {
  if (classes <= MOST_WHOLE) return Array.from({ length: classes }, (_, label) => label);
  const shown = new Set<number>();
  for (const { truth, predicted } of confusions) {
    if (new Set([...shown, truth, predicted]).size <= MOST_SHOWN) shown.add(truth).add(predicted);
    if (shown.size === MOST_SHOWN) break;
  }
  for (let label = 0; shown.size < MOST_SHOWN; label++) shown.add(label);
  return [...shown].sort((a, b) => a - b);
}

/** Two digits are enough of a share. */
const shareText = (share: number) => percent(share, share >= 0.0995 ? 0 : 1);

function cellText(labelled: boolean, all: readonly Cell[]): Plot.Markish[] {
  if (!labelled) return [];
  const counted = all.filter((cell) => cell.count > 0);
  const common = { x: "predicted", y: "truth", fill: (cell: Cell) => inkOn(cell.fill) };
  return [
    Plot.text(counted, { ...common, text: (cell: Cell) => `${cell.count}`, dy: -7, fontSize: 14 }),
    Plot.text(counted, {
      ...common,
      text: (cell: Cell) => shareText(cell.share),
      dy: 9,
      fontSize: 12,
    }),
  ];
}

function summaryOf(
  matrix: readonly (readonly number[])[],
  [worst]: readonly FrequentConfusion[],
  names: readonly string[],
): string {
  const total = totalOf(matrix);
  const right = matrix.reduce((sum, row, label) => sum + row[label]!, 0);
  return `${right} of ${total} images right (${percent(right / total)})` +
    (worst === undefined ? "; no confusion" : `; most frequent confusion: ${names[worst.truth]} ` +
      `taken for ${names[worst.predicted]} (${worst.count} images, ${
        shareText(worst.count / worst.of)
      } of its class)`);
}

function totalOf(matrix: readonly (readonly number[])[]): number {
  return matrix.reduce((sum, row) => row.reduce((part, count) => part + count, sum), 0);
}

/**
 * A confusion matrix as a heat map: row = true class, column = predicted class; each cell shows
 * the count and its share of the row. Of more than 200 classes it shows the 30 of the most frequent
 * confusions; shares stay those of all images of the true class.
 *
 * @param input Predictions, or K x K counts (row = truth).
 * @param options.classNames K names.
 * @returns A chart.
 * @throws {RangeError} If the matrix is empty, not square, holds a negative or non-finite count or none
 * at all, or the names do not fit.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const chart = confusionHeatmap([[8, 2], [1, 9]], { classNames: ["cat", "dog"] });
 * assertStringIncludes(chart.summary, "17 of 20 images right (85.0 %)");
 * assertStringIncludes(chart.summary, "cat taken for dog");
 * ```
 */
export function confusionHeatmap(
  input: Predictions | readonly (readonly number[])[],
  options: ConfusionOptions = {},
): Chart {
  requireKnownOptions("confusionHeatmap", options, optionNames);
  if (!Array.isArray(input)) {
    requireParts("input", input, "predictions or a matrix", ["logits", "labels"]);
  }
  const matrix = "logits" in input ? confusionMatrix(input) : input;
  const names = options.classNames ?? matrix.map((_, label) => `${label}`);
  check(matrix, names);
  if (totalOf(matrix) === 0) {
    throw new RangeError("Expected matrix to hold at least one image but every count is 0");
  }
  const confusions = frequentConfusions(matrix);
  const classes = shownClasses(confusions, matrix.length);
  const shown = cells(matrix, classes);
  const labelled = classes.length <= MOST_LABELLED;
  const cell = labelled
    ? Math.max(CELL, Math.ceil(NARROWEST / classes.length))
    : Math.floor(MOST_LABELLED * CELL / classes.length);
  const outlined = classes.length <= MOST_OUTLINED;
  // Names that would cover each other are left out.
  const step = Math.ceil(NAME_HEIGHT / cell);
  const axis = {
    label: null,
    tickSize: 0,
    ticks: classes.filter((_, place) => place % step === 0),
    tickFormat: (label: number) => names[label]!,
  };
  const widest = Math.max(...classes.map((label) => textWidth(names[label]!)));
  const slanted = widest > cell - 6;
  const left = Math.max(60, Math.ceil(widest) + 14);
  const below = slanted ? Math.ceil(widest * 0.71) + 40 : 44;
  const size = cell * classes.length;
  const panel = plotPanel({
    width: left + size + 14,
    height: size + below + 4,
    header: "True class (rows)",
    marginTop: 4,
    marginLeft: left,
    marginRight: 14,
    marginBottom: below,
    x: { type: "band", domain: classes, padding: 0.03 },
    y: { type: "band", domain: classes, padding: 0.03 },
    marks: [
      Plot.axisX({
        ...axis,
        label: "Predicted class (columns)",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: below - 4,
        ...(slanted ? { tickRotate: -45 } : {}),
      }),
      Plot.axisY(axis),
      ...(outlined ? [] : [Plot.frame({ stroke: CONTEXT })]),
      Plot.cell(outlined ? shown : shown.filter((one) => one.count > 0), {
        x: "predicted",
        y: "truth",
        fill: (one: Cell) => one.fill,
        ...(outlined ? { stroke: "#dddddd" } : {}),
      }),
      ...cellText(labelled, shown),
    ],
  });
  return figure({
    title: options.title ?? "Confusion matrix",
    subtitle: options.subtitle,
    legend: [
      { label: "right (deeper: larger share of the row)", color: BLUE, box: true },
      { label: "confused", color: VERMILLION, box: true },
    ],
    panels: [panel],
    notes: labelled ? ["Each cell: images, and their share of the true class."] : [
      ...(step > 1 ? [`One class of ${step} is named.`] : []),
      ...(classes.length < matrix.length
        ? [
          `Of ${thousands(matrix.length)} classes the ${classes.length} of the most frequent ` +
          "confusions are shown.",
        ]
        : []),
    ],
    summary: summaryOf(matrix, confusions, names),
  });
}
