import * as Plot from "@observablehq/plot";
import { GRID, INK, MUTED_INK, type SeriesStyle, tint } from "./_palette.ts";
import { type Panel, percentTick, plotPanel, rings, symbols } from "./_panel.ts";
import { FONT_SIZE, textWidth, wrapText } from "./_text.ts";

/** A value with its interval; null draws nothing (not measured). */
export interface IntervalValue {
  readonly value: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** What the value is the mean of. */
  readonly points?: readonly number[] | undefined;
}

/** One series: a value or null for every row. */
export interface IntervalSeries {
  readonly style: SeriesStyle;
  readonly values: readonly (IntervalValue | null)[];
}

/** Options of {@linkcode intervalPanel}. */
export interface IntervalPanelOptions {
  readonly rows: readonly string[];
  readonly series: readonly IntervalSeries[];
  readonly width: number;
  /** Above the frame; absent where the figure's title says it. */
  readonly header?: string;
  readonly domain: readonly [number, number];
  readonly percent: boolean;
  /** Draw bars from the domain's start; otherwise dots only. */
  readonly bars?: boolean;
  /** Names of the rows on the left. Default true. */
  readonly named?: boolean;
  readonly format: (value: number) => string;
}

const SERIES_HEIGHT = 19;
const NAME_WIDTH = 190;

interface Placed extends IntervalValue {
  readonly at: number;
  readonly text: string;
}

function placed(
  { series, format, percent }: IntervalPanelOptions,
  heights: readonly number[],
): { style: SeriesStyle; points: Placed[] }[] {
  const scale = percent ? 100 : 1;
  return series.map(({ style, values }, position) => ({
    style,
    points: values.flatMap((one, row) => {
      if (one === null) return [];
      const offset = (position - (series.length - 1) / 2) * SERIES_HEIGHT;
      const [value, low, high] = [one.value, one.low, one.high].map((number) =>
        number === undefined ? undefined : number * scale
      );
      const points = one.points?.map((point) => point * scale);
      return [{
        value: value!,
        low,
        high,
        points,
        at: heights[row]! + offset,
        text: format(one.value),
      }];
    }),
  }));
}

function seriesMarks(style: SeriesStyle, points: Placed[], options: IntervalPanelOptions) {
  const start = options.domain[0] * (options.percent ? 100 : 1);
  const intervals = points.filter((point) => point.low !== undefined && point.high !== undefined);
  const marks: Plot.Markish[] = [];
  if (options.bars) {
    marks.push(Plot.rect(points, {
      x1: start,
      x2: "value",
      y1: (point: Placed) => point.at - 8,
      y2: (point: Placed) => point.at + 8,
      fill: tint(style.color, 0.55),
    }));
  }
  marks.push(
    Plot.ruleY(intervals, { y: "at", x1: "low", x2: "high", stroke: INK, strokeWidth: 1.6 }),
    ...(["low", "high"] as const).map((end) =>
      Plot.ruleX(intervals, {
        x: end,
        y1: (point: Placed) => point.at - 4,
        y2: (point: Placed) => point.at + 4,
        stroke: INK,
        strokeWidth: 1.6,
      })
    ),
  );
  if (!options.bars) {
    const drawn = points.map((point) => ({ x: point.value, y: point.at }));
    marks.push(symbols(drawn, { ...style, radius: 5 }));
  }
  const single = points.flatMap(({ at, points = [] }) => points.map((x) => ({ x, y: at })));
  if (single.length > 0) marks.push(rings(single));
  return marks;
}

/** Rows of values with intervals, names on the left and the numbers written on the right. */
export function intervalPanel(options: IntervalPanelOptions): Panel {
  const { rows, series, domain, percent, named = true } = options;
  const names = rows.map((name) => named ? wrapText(name, NAME_WIDTH) : [""]);
  const rowHeights = names.map((lines) =>
    Math.max(lines.length * 17, series.length * SERIES_HEIGHT) + 11
  );
  const middles: number[] = [];
  rowHeights.reduce((top, height) => {
    middles.push(top + height / 2);
    return top + height;
  }, 0);
  const total = rowHeights.reduce((sum, height) => sum + height, 0);
  const drawn = placed(options, middles);
  const texts = drawn.flatMap(({ points }) => points);
  const right = 12 + Math.max(0, ...texts.map((one) => textWidth(one.text, 13)));
  const left = named ? 12 + Math.max(...names.flat().map((line) => textWidth(line))) : 8;
  const scaled = domain.map((end) => end * (percent ? 100 : 1));
  const ticks = Math.max(2, Math.floor((options.width - left - right) / 75));
  const limits = rowHeights.slice(0, -1).map((height, row) => middles[row]! + height / 2);
  return plotPanel({
    width: options.width,
    height: total + 34,
    ...(options.header === undefined ? {} : { header: options.header }),
    marginTop: 6,
    marginLeft: Math.ceil(left),
    marginRight: Math.ceil(right),
    marginBottom: 28,
    x: { domain: scaled },
    y: { domain: [0, total], range: [6, total + 6], axis: null },
    marks: [
      Plot.gridX({ stroke: GRID, strokeOpacity: 1, ticks }),
      Plot.ruleY(limits, { stroke: GRID }),
      Plot.axisX({
        label: null,
        ticks,
        tickSize: 4,
        ...(percent ? { tickFormat: percentTick } : {}),
      }),
      ...drawn.flatMap(({ style, points }) => seriesMarks(style, points, options)),
      Plot.text(texts, {
        frameAnchor: "right",
        textAnchor: "end",
        dx: Math.ceil(right) - 2,
        y: "at",
        text: "text",
        fontSize: 13,
        fill: MUTED_INK,
      }),
      ...names.map((lines, row) =>
        Plot.text([lines.join("\n")], {
          frameAnchor: "left",
          textAnchor: "end",
          dx: -10,
          y: () => middles[row]!,
          fontSize: FONT_SIZE,
          fill: INK,
        })
      ),
    ],
  });
}
