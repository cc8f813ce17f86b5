import type { OptionNames } from "../arguments/known_options.ts";
import { type Chart, createChart } from "./chart.ts";
import { legend, type LegendEntry } from "./_legend.ts";
import { INK, MUTED_INK, PAPER } from "./_palette.ts";
import type { Panel } from "./_panel.ts";
import { FONT_FAMILY, FONT_SIZE, requireDrawable, svgText, wrapText } from "./_text.ts";
import { escapeHtml } from "../format/escape_html.ts";

/** What every chart accepts. */
export interface ChartOptions {
  /** Heading; each chart has a default. */
  readonly title?: string;
  /** Data set, split, number of images, source and seed, e.g.
   * "SVHN test, 2,000 images, real (subset) · seed 0". */
  readonly subtitle?: string;
}

/** The names of {@linkcode ChartOptions}. */
export const chartOptionNames = {
  title: true,
  subtitle: true,
} as const satisfies OptionNames<ChartOptions>;

/** A whole figure. */
export interface FigureOptions {
  readonly title: string;
  readonly subtitle: string | undefined;
  readonly legend?: readonly LegendEntry[];
  readonly panels: readonly Panel[];
  /** Panels in a row. */
  readonly columns?: number;
  /** Lines below the panels. */
  readonly notes?: readonly string[];
  /** The key numbers; the title and subtitle are put before them. */
  readonly summary: string;
}

const PAD = 16;
const GAP = 16;
const TITLE_SIZE = 17;
const NOTE_SIZE = 13;

/** A column of blocks; grows downwards. */
class Layout {
  body = "";
  y = PAD;
  constructor(readonly width: number) {}

  text(text: string, size: number, style: { bold?: boolean; fill?: string } = {}): void {
    for (const line of wrapText(text, this.width, size, style.bold ?? false)) {
      this.body += svgText(line, PAD, this.y + size * 0.95, { size, ...style });
      this.y += Math.round(size * 1.4);
    }
  }

  block(body: string, x: number, height: number): void {
    this.body += `<g transform="translate(${PAD + x},${this.y})">${body}</g>`;
    this.y += height;
  }
}

function rowsOf<T>(items: readonly T[], columns: number): T[][] {
  const rows: T[][] = [];
  for (let start = 0; start < items.length; start += columns) {
    rows.push(items.slice(start, start + columns));
  }
  return rows;
}

function widthOf(row: readonly Panel[]): number {
  return row.reduce((sum, panel) => sum + panel.width, 0) + GAP * (row.length - 1);
}

function placeRow(layout: Layout, row: readonly Panel[]): void {
  const height = Math.max(...row.map((panel) => panel.height));
  let [body, x] = ["", 0];
  for (const panel of row) {
    // Panels of a row stand on one line, whatever their headers' heights.
    body += `<g transform="translate(${x},${height - panel.height})">${panel.body}</g>`;
    x += panel.width + GAP;
  }
  layout.block(body, 0, height + 8);
}

/** Stacks title, subtitle, legend, panels and notes into a chart on a white ground. */
export function figure(options: FigureOptions): Chart {
  const rows = rowsOf(options.panels, options.columns ?? 1);
  const width = Math.ceil(Math.max(...rows.map(widthOf)));
  const layout = new Layout(width);
  layout.text(options.title, TITLE_SIZE, { bold: true });
  if (options.subtitle !== undefined) layout.text(options.subtitle, FONT_SIZE, { fill: MUTED_INK });
  layout.y += 6;
  const keys = legend(options.legend ?? [], width);
  if (keys.height > 0) layout.block(keys.body, 0, keys.height + 8);
  for (const row of rows) placeRow(layout, row);
  for (const note of options.notes ?? []) layout.text(note, NOTE_SIZE, { fill: MUTED_INK });

  const parts = [options.title, options.subtitle, options.summary];
  const summary = parts.filter((part) => part !== undefined).join(" · ").replace(/\s+/g, " ");
  requireDrawable(summary);
  return createChart(document(layout, width, summary), summary);
}

function document(layout: Layout, width: number, summary: string): string {
  const [fullWidth, fullHeight] = [width + 2 * PAD, Math.ceil(layout.y + PAD - 4)];
  const label = escapeHtml(summary);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${fullWidth}" height="${fullHeight}" ` +
    `viewBox="0 0 ${fullWidth} ${fullHeight}" role="img" aria-label="${label}" ` +
    `style="max-width:100%;height:auto" font-family="${FONT_FAMILY}" font-size="${FONT_SIZE}" ` +
    `fill="${INK}"><title>${label}</title>` +
    `<rect width="100%" height="100%" fill="${PAPER}"/>${layout.body}</svg>`;
}
