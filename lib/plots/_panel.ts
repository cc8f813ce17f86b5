import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { GRID, INK, PAPER } from "./_palette.ts";
import { type SymbolName, symbolPath } from "./_symbols.ts";
import { FONT_SIZE, requireDrawable, svgText, textWidth, wrapText } from "./_text.ts";

/** A drawn part of a figure. `body` is SVG content whose top left corner is (0, 0). */
export interface Panel {
  readonly width: number;
  readonly height: number;
  readonly body: string;
}

const HEADER_LINE = 19;
/** A single panel's width, and one of two beside each other. Small, so that text stays readable
 * when a phone shows the whole figure 360 px wide. */
export const WIDE = 560;
export const HALF = 296;

// A DOM for Plot that lives and dies in this call: a global `document` would break other packages.
function newDocument(): Document {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  // linkedom implements the part of the DOM that Plot uses, under its own types.
  return document as unknown as Document;
}

// Shorter numbers keep the files small and hide last-digit differences between machines.
function tidyMarkup(markup: string): string {
  return markup
    .replace(/<style>[\s\S]*?<\/style>/, "")
    .replace(/ aria-(?:label|hidden|description)="[^"]*"/g, "")
    .replaceAll("currentColor", INK)
    .replace(/<[^>]+>/g, (tag) =>
      tag.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => {
        const rounded = Math.round(Number(number) * 100) / 100;
        return String(rounded === 0 ? 0 : rounded);
      }));
}

/** Options of {@linkcode plotPanel}. */
export interface PanelOptions extends Omit<Plot.PlotOptions, "document" | "width" | "height"> {
  readonly width: number;
  /** Height of the plot with its axes, without the header. */
  readonly height: number;
  /** Lines above the frame; they say what the y axis shows, with its unit. The first is bold if
   * `title` is set. */
  readonly header?: string;
  readonly title?: string;
}

/** Draws one panel with Observable Plot. Every scale's domain must be given by the caller. */
export function plotPanel({ header, title, ...options }: PanelOptions): Panel {
  const element = Plot.plot({
    marginTop: 8,
    marginRight: MARGIN_RIGHT,
    marginBottom: 42,
    marginLeft: 54,
    ...options,
    document: newDocument(),
  });
  const inner = tidyMarkup(element.innerHTML);
  if (inner.includes("clipPath")) {
    // Plot numbers clip paths across all charts: ids would clash on a page and change by order.
    throw new Error("A panel must not use Plot's clip option");
  }
  requireDrawable(inner);
  if (inner.includes("NaN")) throw new Error("A panel places a mark at NaN");
  const lines = [
    ...(title === undefined ? [] : wrapText(title, options.width, FONT_SIZE, true))
      .map((text) => ({ text, bold: true })),
    ...(header === undefined ? [] : wrapText(header, options.width))
      .map((text) => ({ text, bold: false })),
  ];
  const above = lines.length * HEADER_LINE;
  const heading = lines.map(({ text, bold }, index) =>
    svgText(text, 0, 14 + index * HEADER_LINE, { bold })
  );
  return {
    width: options.width,
    height: options.height + above,
    body: `${
      heading.join("")
    }<g transform="translate(0,${above})" text-anchor="middle">${inner}</g>`,
  };
}

const MARGIN_RIGHT = 14;

/** The margin beside a panel in which the label of the last tick, at its edge, has room. */
export function marginBeside(lastTick: string): number {
  return Math.max(MARGIN_RIGHT, Math.ceil(textWidth(lastTick) / 2) + 2);
}

/** The x axis with its label centred below. */
export function axisX(label: string, options: Plot.AxisXOptions = {}): Plot.Markish {
  return Plot.axisX({
    label,
    labelAnchor: "center",
    labelArrow: "none",
    labelOffset: 38,
    tickSize: 4,
    ...options,
  });
}

/** The y axis without a label: the panel's header names it, horizontally. */
export function axisY(options: Plot.AxisYOptions = {}): Plot.Markish {
  return Plot.axisY({ label: null, tickSize: 4, ...options });
}

/** Percent ticks such as 80 %. */
export const percentTick = (value: number): string => `${Math.round(value * 100) / 100} %`;

/** Light grid lines in both directions. */
export function grid(
  x: readonly number[] | undefined = undefined,
  y: readonly number[] | undefined = undefined,
): Plot.Markish[] {
  const common = { stroke: GRID, strokeOpacity: 1 };
  return [
    Plot.gridX(x === undefined ? common : { ...common, ticks: [...x] }),
    Plot.gridY(y === undefined ? common : { ...common, ticks: [...y] }),
  ];
}

/** Look of {@linkcode symbols}. */
export interface SymbolOptions {
  readonly symbol: SymbolName;
  readonly color: string;
  readonly radius?: number;
  /** Width of the white outline that parts overlapping symbols. Default 0.6. */
  readonly outline?: number;
}

/** A mark that draws all points with one symbol in one path. */
export function symbols(
  points: readonly { readonly x: number; readonly y: number }[],
  { symbol, color, radius = 4.5, outline = 0.6 }: SymbolOptions,
): Plot.RenderFunction {
  return (_index, scales, _values, _dimensions, context) => {
    const { x, y } = scales as unknown as Record<"x" | "y", (value: number) => number>;
    const path = context.document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute(
      "d",
      points.map((point) => symbolPath(symbol, x(point.x), y(point.y), radius)).join(""),
    );
    path.setAttribute("fill", color);
    path.setAttribute("stroke", PAPER);
    path.setAttribute("stroke-width", `${outline}`);
    return path as SVGElement;
  };
}

/** Small rings, lighter than symbols: the single values behind a mean. */
export function rings(points: readonly { readonly x: number; readonly y: number }[]): Plot.Markish {
  return Plot.dot(points, { x: "x", y: "y", r: 2.6, fill: PAPER, stroke: INK, strokeWidth: 1 });
}
