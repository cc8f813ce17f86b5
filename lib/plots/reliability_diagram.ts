import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import * as Plot from "@observablehq/plot";
import { accuracy } from "../metrics/accuracy.ts";
import { calibrationError } from "../metrics/calibration_error.ts";
import { type CalibrationFloor, calibrationFloor } from "../metrics/calibration_floor.ts";
import type { Predictions } from "../metrics/predictions.ts";
import { type ReliabilityBin, reliabilityBins } from "../metrics/reliability_bins.ts";
import type { Chart } from "./chart.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import { namedPredictions, type PredictionsInput } from "./named_predictions.ts";
import { BLUE, GRID, INK, tint, VERMILLION } from "./_palette.ts";
import { axisX, axisY, grid, HALF, type Panel, percentTick, plotPanel, WIDE } from "./_panel.ts";
import { requireParts } from "../arguments/require.ts";
import { percent } from "../format/percent.ts";
import { thousands } from "../format/thousands.ts";

/** Options of {@linkcode reliabilityDiagram}. */
export interface ReliabilityOptions extends ChartOptions {
  /** Bins of equal width. Default 15. */
  readonly bins?: number;
}

const optionNames: OptionNames<ReliabilityOptions> = { ...chartOptionNames, bins: true };

interface Calibration {
  readonly name: string;
  readonly n: number;
  readonly bins: readonly ReliabilityBin[];
  readonly ece: number;
  readonly floor: CalibrationFloor;
  readonly accuracy: number;
  readonly confidence: number;
}

const TICKS = [0, 20, 40, 60, 80, 100];
const BAR = tint(BLUE, 0.55);
const GAP = tint(VERMILLION, 0.35);

function measure(name: string, p: Predictions, count: number): Calibration {
  const bins = reliabilityBins(p, { bins: count });
  const weighted = bins.reduce(
    (sum, bin) => bin.count === 0 ? sum : sum + bin.count * bin.confidence,
    0,
  );
  return {
    name,
    n: p.length,
    bins,
    ece: calibrationError(p, { bins: count }),
    floor: calibrationFloor(p, { bins: count }),
    accuracy: accuracy(p),
    confidence: weighted / p.length,
  };
}

const full = (bins: readonly ReliabilityBin[]) => bins.filter((bin) => bin.count > 0);
/** More bins than this are narrower than the gaps between them would leave room for. */
const MOST_GAPS = 100;

function edges({ bins }: Calibration) {
  const inset = bins.length > MOST_GAPS ? 0 : 0.5;
  return {
    x1: (bin: ReliabilityBin) => bin.low * 100,
    x2: (bin: ReliabilityBin) => bin.high * 100,
    insetLeft: inset,
    insetRight: inset,
  };
}

const written = {
  frameAnchor: "top-left",
  dx: 8,
  fontWeight: "bold",
  fill: INK,
  stroke: "#ffffff",
  strokeWidth: 4,
} as const;

/** Mean and 95th percentile. */
function floorText({ floor: { mean, high } }: Calibration): string {
  return `${percent(mean, 2)} (95th: ${percent(high, 2)})`;
}

function diagram(one: Calibration, width: number): Panel {
  const bins = full(one.bins);
  const ticks = width > HALF ? TICKS : [0, 50, 100];
  return plotPanel({
    width,
    height: width > HALF ? 330 : 250,
    ...(one.name === "" ? {} : { title: one.name }),
    header: "Accuracy in the bin",
    marginBottom: 24,
    x: { domain: [0, 100] },
    y: { domain: [0, 100] },
    marks: [
      ...grid(TICKS, TICKS),
      Plot.rect(bins, {
        ...edges(one),
        y1: 0,
        y2: (bin: ReliabilityBin) => bin.accuracy * 100,
        fill: BAR,
      }),
      Plot.rect(bins, {
        ...edges(one),
        y1: (bin: ReliabilityBin) => 100 * Math.min(bin.accuracy, bin.confidence),
        y2: (bin: ReliabilityBin) => 100 * Math.max(bin.accuracy, bin.confidence),
        fill: GAP,
        stroke: VERMILLION,
      }),
      Plot.ruleY(bins, {
        ...edges(one),
        y: (bin: ReliabilityBin) => bin.accuracy * 100,
        stroke: BLUE,
        strokeWidth: 2.6,
      }),
      Plot.line([[0, 0], [100, 100]], { stroke: INK, strokeDasharray: "5 4" }),
      Plot.text([`ECE ${percent(one.ece, 2)}`], { ...written, dy: 10, fontSize: 16 }),
      Plot.text([`floor ${percent(one.floor.mean, 2)}`], { ...written, dy: 30, fontSize: 13 }),
      Plot.text([`95th: ${percent(one.floor.high, 2)}`], { ...written, dy: 46, fontSize: 13 }),
      axisX("", { label: null, ticks, tickFormat: percentTick }),
      axisY({ ticks: TICKS, tickFormat: percentTick }),
    ],
  });
}

function histogram(one: Calibration, width: number): Panel {
  const share = (bin: ReliabilityBin) => 100 * bin.count / one.n;
  const top = Math.max(...one.bins.map(share));
  return plotPanel({
    width,
    height: 150,
    header: `Share of the ${thousands(one.n)} images`,
    x: { domain: [0, 100] },
    y: { domain: [0, top * 1.05] },
    marks: [
      Plot.gridY({ stroke: GRID, strokeOpacity: 1, ticks: 3 }),
      Plot.rect(full(one.bins), { ...edges(one), y1: 0, y2: share, fill: "#b5b5b5" }),
      Plot.ruleX([100 * one.accuracy], { stroke: BLUE, strokeWidth: 2.4 }),
      Plot.ruleX([100 * one.confidence], {
        stroke: VERMILLION,
        strokeWidth: 2.4,
        strokeDasharray: "5 3",
      }),
      axisX("Confidence", { ticks: width > HALF ? TICKS : [0, 50, 100], tickFormat: percentTick }),
      axisY({ ticks: 3, tickFormat: percentTick }),
    ],
  });
}

/**
 * A reliability diagram over the histogram of confidences (Guo et al. 2017): bars show each bin's
 * accuracy, the gap to its mean confidence is marked; the ECE is printed with its floor, see
 * {@linkcode calibrationFloor}.
 *
 * @param input Predictions, or several by name, e.g. `{ before, after }` temperature scaling.
 * @param options.bins Bins (low, high] of equal width. Default 15.
 * @returns A chart.
 * @throws {RangeError} If there is none, or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "../metrics/predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([2, 0, 2, 0]), [0, 1], 2);
 * assertStringIncludes(reliabilityDiagram(p).summary, "ECE 38.08 %");
 * ```
 */
export function reliabilityDiagram(
  input: PredictionsInput,
  options: ReliabilityOptions = {},
): Chart {
  requireKnownOptions("reliabilityDiagram", options, optionNames);
  requireParts("input", input, "predictions", []);
  const all = namedPredictions(input).map(([name, p]) => measure(name, p, options.bins ?? 15));
  const width = all.length > 1 ? HALF : WIDE;
  const panels: Panel[] = [];
  for (let start = 0; start < all.length; start += 2) {
    const row = all.slice(start, start + 2);
    panels.push(...row.map((one) => diagram(one, width)));
    panels.push(...row.map((one) => histogram(one, width)));
  }
  return figure({
    title: options.title ?? "Reliability diagram",
    subtitle: options.subtitle,
    legend: [
      { label: "accuracy of the bin", color: BAR, box: true },
      { label: "gap to its mean confidence", color: GAP, box: true },
      { label: "perfect calibration", color: INK, dash: "5 4" },
      { label: "accuracy of all", color: BLUE, vertical: "none" },
      { label: "mean confidence", color: VERMILLION, vertical: "5 3" },
    ],
    panels,
    columns: all.length > 1 ? 2 : 1,
    notes: [
      `ECE: mean gap over ${options.bins ?? 15} bins of equal width, weighted by their images.`,
      "Floor: a perfectly calibrated model's ECE, by chance alone; its mean and 95th percentile.",
    ],
    summary: all.map((one) =>
      `${one.name === "" ? "" : `${one.name}: `}ECE ${percent(one.ece, 2)}, floor ${
        floorText(one)
      }, ` +
      `accuracy ${percent(one.accuracy)}, mean confidence ${percent(one.confidence)} (n = ${one.n})`
    ).join("; "),
  });
}
