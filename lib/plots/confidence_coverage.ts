import { requireKnownOptions } from "../arguments/known_options.ts";
import * as Plot from "@observablehq/plot";
import { accuracy } from "../metrics/accuracy.ts";
import type { Predictions } from "../metrics/predictions.ts";
import { riskCoverage } from "../metrics/risk_coverage.ts";
import type { Chart } from "./chart.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import type { LegendEntry } from "./_legend.ts";
import { namedPredictions, type PredictionsInput } from "./named_predictions.ts";
import { INK, MUTED_INK, seriesStyle } from "./_palette.ts";
import { axisX, axisY, grid, percentTick, plotPanel, WIDE } from "./_panel.ts";
import { requireParts } from "../arguments/require.ts";
import { percent } from "../format/percent.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

interface CoverageCurve {
  readonly name: string;
  readonly points: Point[];
  readonly oracle: Point[];
  readonly aurc: number;
  readonly excess: number;
  readonly errors: number;
}

const TICKS = [0, 20, 40, 60, 80, 100];
/** Below this coverage a single image moves the risk by many points. */
const FIRST_COVERAGE = 0.02;
/** More points than this on a curve would not show. */
const MOST_POINTS = 300;

// At most MOST_POINTS operating points, evenly spread, the last always among them. Up to the first of
// them the curve is level: images that are tied are answered together.
function thin(coverage: Float64Array, risk: Float64Array): Point[] {
  const points: Point[] = [];
  let next = FIRST_COVERAGE;
  for (let index = 0; index < coverage.length; index++) {
    if (coverage[index]! < next && index < coverage.length - 1) continue;
    if (points.length === 0) points.push({ x: 100 * FIRST_COVERAGE, y: 100 * risk[index]! });
    points.push({ x: 100 * coverage[index]!, y: 100 * risk[index]! });
    next = coverage[index]! + 1 / MOST_POINTS;
  }
  return points;
}

// Answers every right image before any wrong one: no risk up to the accuracy a, then (c - a) / c.
function oracle(right: number): Point[] {
  const risk = Math.max(0, FIRST_COVERAGE - right) / FIRST_COVERAGE;
  const points = [{ x: 100 * FIRST_COVERAGE, y: 100 * risk }];
  for (let step = 0; step <= 100; step++) {
    const coverage = right + (1 - right) * step / 100;
    if (coverage < FIRST_COVERAGE) continue;
    points.push({ x: 100 * coverage, y: 100 * (coverage - right) / coverage });
  }
  return points;
}

function measure(name: string, p: Predictions): CoverageCurve {
  const { coverage, risk, aurc, excessAurc } = riskCoverage(p);
  const right = accuracy(p);
  return {
    name,
    points: thin(coverage, risk),
    oracle: oracle(right),
    aurc,
    excess: excessAurc,
    errors: 1 - right,
  };
}

function marks(curves: readonly CoverageCurve[]): Plot.Markish[] {
  return curves.flatMap(({ points, oracle }, index) => {
    const { color, dash } = seriesStyle(index);
    return [
      Plot.line(oracle, {
        x: "x",
        y: "y",
        stroke: color,
        strokeWidth: 1.3,
        strokeDasharray: "1 3",
      }),
      Plot.line(points, { x: "x", y: "y", stroke: color, strokeWidth: 2.4, strokeDasharray: dash }),
    ];
  });
}

/**
 * Risk-coverage curves (Geifman and El-Yaniv 2017): the error rate among the most confident images
 * for every share of images answered, with the AURC, and the oracle that ranks all errors last.
 *
 * @param input Predictions, or those of several models by name.
 * @returns A chart. Curves start at 2 % coverage, level up to the first operating point that answers
 * as many; the AURC counts all images.
 * @throws {RangeError} If there is none, or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "../metrics/predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([3, 0, 2, 0, 1, 0, 1, 0]), [0, 0, 0, 1], 2);
 * assertStringIncludes(confidenceCoverage(p).summary, "AURC 0.1250");
 * ```
 */
export function confidenceCoverage(input: PredictionsInput, options: ChartOptions = {}): Chart {
  requireKnownOptions("confidenceCoverage", options, chartOptionNames);
  requireParts("input", input, "predictions", []);
  const curves = namedPredictions(input).map(([name, p]) => measure(name, p));
  const top = Math.max(5, ...curves.flatMap(({ points }) => points.map((point) => point.y)));
  const panel = plotPanel({
    width: WIDE,
    height: 330,
    header: "Risk: error rate among the images answered",
    x: { domain: [0, 100] },
    y: { domain: [0, top * 1.06] },
    marks: [
      ...grid(TICKS),
      Plot.ruleY([0], { stroke: MUTED_INK }),
      axisX("Coverage: share of images answered, most confident first", {
        ticks: TICKS,
        tickFormat: percentTick,
      }),
      axisY({ ticks: 6, tickFormat: percentTick }),
      ...marks(curves),
    ],
  });
  const numbers = ({ name, aurc, excess }: CoverageCurve) =>
    `${name === "" ? "" : `${name}: `}AURC ${aurc.toFixed(4)}, oracle ${
      (aurc - excess).toFixed(4)
    }, excess ${excess.toFixed(4)}`;
  const keys: LegendEntry[] = curves.map((curve, index) => ({
    label: numbers(curve),
    color: seriesStyle(index).color,
    dash: seriesStyle(index).dash,
  }));
  keys.push({ label: "oracle of the same colour: all errors last", color: INK, dash: "1 3" });
  return figure({
    title: options.title ?? "Risk and coverage",
    subtitle: options.subtitle,
    legend: keys,
    panels: [panel],
    notes: [`Drawn from ${percent(FIRST_COVERAGE, 0)} coverage on; the AURC counts every image.`],
    summary: curves.map((curve) =>
      `${numbers(curve)}, risk at full coverage ${percent(curve.errors)}`
    ).join("; "),
  });
}
