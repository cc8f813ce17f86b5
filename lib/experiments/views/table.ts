/** Tables that show themselves in a notebook and are written as CSV: one description for both. */
import { stringifyCsv } from "../../format/csv.ts";
import { JUPYTER_DISPLAY } from "../../format/jupyter_display.ts";
import { seedSummary } from "../../metrics/seed_summary.ts";
import { escapeHtml } from "../../format/escape_html.ts";
import { points } from "../../format/percent.ts";
import { thousands } from "../../format/thousands.ts";

/** One column; T is what a cell is read from, one per seed. */
export interface Column<T> {
  /** Name in the CSV. */
  readonly key: string;
  /** Heading in the notebook. */
  readonly title: string;
  /** "percent": the value is a fraction, shown times 100. "written": a number that is text already. */
  readonly kind: "text" | "written" | "count" | "percent" | "number";
  /** Decimals of "percent" (default 2) and "number" (default 4). */
  readonly digits?: number;
  /** null: not measured. */
  readonly value: (item: T) => string | number | null | undefined;
  /** 95 % interval of the value; shown where there is one seed. */
  readonly interval?: (item: T) => { readonly low: number; readonly high: number } | null;
  /** Whether it is in the CSV alone, e.g. what a caption says. */
  readonly onlyCsv?: boolean;
  /** Whether runs are compared by this column: see `runTable`. */
  readonly compared?: boolean;
  /** What they are compared by instead of the shown value, e.g. an estimate without bias. */
  readonly comparedBy?: {
    readonly title: string;
    readonly value: (item: T) => string | number | null | undefined;
  };
}

/** A finished table. */
export interface Table {
  /** What the table shows and on what data; shown with it. */
  readonly caption: string;
  /** Column headings, as many as each row has cells. */
  readonly titles: readonly string[];
  /** Cells as shown. */
  readonly rows: readonly (readonly string[])[];
  /** Differences between the rows' runs over several seeds; shown below the table. */
  readonly differences: Table | undefined;
  /** The table as Markdown, caption included. */
  toMarkdown(): string;
  /**
   * The table as an HTML fragment, caption included. Texts and counts that are the same in every row
   * stand in the caption.
   */
  toHtml(): string;
  /**
   * Percentages with two decimals; an interval, a spread and the number of seeds are columns of
   * their own.
   */
  toCsv(): string;
  /** HTML and Markdown by MIME type, for Jupyter. */
  [JUPYTER_DISPLAY](): Record<string, string>;
}

const NOT_MEASURED = "–";

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined || (typeof value === "number" && !isFinite(value));
}

function scaled<T>(column: Column<T>, value: number): string {
  if (column.kind === "count") return String(value);
  return column.kind === "percent"
    ? points(value, column.digits ?? 2)
    : value.toFixed(column.digits ?? 4);
}

function numbersOf<T>(column: Column<T>, items: readonly T[]): number[] {
  return items.map(column.value).filter((value): value is number => !isMissing(value)).map(Number);
}

function isText({ kind }: Column<never>): boolean {
  return kind === "text" || kind === "written";
}

/** A text of several seeds: once where it is the same, else each. */
function textOf<T>(column: Column<T>, items: readonly T[], missing: string): string {
  return [...new Set(items.map((item) => String(column.value(item) ?? missing)))].join(" / ");
}

/** Mean of a column over seeds; counts that differ between seeds become a range. */
function shownCell<T>(column: Column<T>, items: readonly T[]): string {
  if (isText(column)) return textOf(column, items, NOT_MEASURED);
  const values = numbersOf(column, items);
  if (values.length === 0) return NOT_MEASURED;
  if (column.kind === "count") {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? thousands(low) : `${low}–${high}`;
  }
  const { mean, sd, n } = seedSummary(values);
  if (n > 1) return `${scaled(column, mean)} ± ${scaled(column, sd)} (n = ${n})`;
  const interval = column.interval?.(items[0]!);
  if (!interval) return scaled(column, mean);
  return `${scaled(column, mean)} [${scaled(column, interval.low)}, ${
    scaled(column, interval.high)
  }]`;
}

function csvCells<T>(column: Column<T>, items: readonly T[], seeds: boolean): string[] {
  if (isText(column)) return [textOf(column, items, "")];
  const values = numbersOf(column, items);
  const empty = values.length === 0;
  const summary = empty ? undefined : seedSummary(values);
  const cells = [
    summary === undefined ? "" : scaled(
      column.kind === "count" && !Number.isInteger(summary.mean)
        ? { ...column, kind: "number", digits: 2 }
        : column,
      summary.mean,
    ),
  ];
  if (column.kind === "count") return cells;
  if (seeds) cells.push(summary === undefined || summary.n === 1 ? "" : scaled(column, summary.sd));
  if (column.interval !== undefined) {
    const interval = items.length === 1 ? column.interval(items[0]!) : null;
    cells.push(
      interval ? scaled(column, interval.low) : "",
      interval ? scaled(column, interval.high) : "",
    );
  }
  return cells;
}

function csvNames<T>(column: Column<T>, seeds: boolean): string[] {
  const { kind, key, interval } = column;
  if (kind !== "percent" && kind !== "number") return [key];
  return [
    key,
    ...(seeds ? [`${key}_sd`] : []),
    ...(interval === undefined ? [] : [`${key}_low`, `${key}_high`]),
  ];
}

/** A cell; an interval or a spread goes below its value, so that wide tables fit a page. */
function htmlCell(cell: string): string {
  const [, value, interval] = /^(.+) (\[.+\]|± .+ \(n = \d+\))$/.exec(cell) ?? [];
  return interval === undefined
    ? escapeHtml(cell)
    : `${escapeHtml(value!)}<br><small>${escapeHtml(interval)}</small>`;
}

/** Characters from which on a cell is a text and not a word or two. */
const LONG_TEXT = 20;

/** Columns that say the same in every row, in a sentence; they cost width and compare nothing. */
function constantColumns<T>(
  { titles, rows }: Pick<Table, "titles" | "rows">,
  columns: readonly Column<T>[],
): { readonly constant: readonly boolean[]; readonly sentence: string } {
  const constant = titles.map((_, k) =>
    k > 0 && rows.length > 1 && columns[k]!.kind !== "percent" && columns[k]!.kind !== "number" &&
    rows.every((row) => row[k] === rows[0]![k])
  );
  const parts: string[] = [];
  titles.forEach((title, k) => {
    if (!constant[k]) return;
    const cell = rows[0]![k]!;
    if (cell === NOT_MEASURED) return void parts.push(`${title} not measured`);
    if (title !== "n") return void parts.push(`${title} ${cell}`);
    // The number of images of the columns on its left, up to the last such number.
    const start = titles.lastIndexOf("n", k - 1) + 1;
    const counted = titles.slice(start, k).filter((_, at) =>
      columns[start + at]!.kind === "percent" || columns[start + at]!.kind === "number"
    );
    const [first, last] = [counted[0], counted.at(-1)];
    const range = first === last ? first : `${first} to ${last}`;
    parts.push(first === undefined ? `n = ${cell}` : `n = ${cell} (${range})`);
  });
  return { constant, sentence: parts.length === 0 ? "" : ` In every row: ${parts.join("; ")}.` };
}

function htmlOf<T>(whole: Pick<Table, "caption" | "titles" | "rows">, all: readonly Column<T>[]) {
  const { constant, sentence } = constantColumns(whole, all);
  const kept = <U>(list: readonly U[]) => list.filter((_, k) => !constant[k]);
  const table = { titles: kept(whole.titles), rows: whole.rows.map(kept) };
  const numeric = kept(all).map(({ kind }) => kind !== "text");
  // Numbers with their intervals, and the run's id in the first column, stay on one line. Longer text
  // keeps some width on a narrow screen, where the table scrolls, instead of a word a line.
  const isLong = table.titles.map((_, k) => table.rows.some((row) => row[k]!.length > LONG_TEXT));
  const align = (k: number) =>
    `text-align:${numeric[k] ? "right" : "left"}` +
    (numeric[k] || k === 0 ? ";white-space:nowrap" : isLong[k] ? ";min-width:11em" : "");
  const head = table.titles.map((title, k) =>
    `<th scope="col" style="text-align:${numeric[k] ? "right" : "left"}">${escapeHtml(title)}</th>`
  ).join("");
  const cellOf = (cell: string, k: number) =>
    k === 0
      ? `<th scope="row" style="${align(k)};font-weight:normal">${htmlCell(cell)}</th>`
      : `<td style="${align(k)}">${htmlCell(cell)}</td>`;
  const body = table.rows.map((row) => `<tr>${row.map(cellOf).join("")}</tr>`).join("\n");
  // The caption stands outside what scrolls, so that it stays in view above a wide table.
  return `<div>\n<p style="margin:0.3em 0;font-size:0.9rem">${
    escapeHtml(whole.caption + sentence)
  }</p>\n` +
    `<div style="overflow-x:auto"><table>\n<thead><tr>${head}</tr></thead>\n` +
    `<tbody>\n${body}\n</tbody></table></div>\n</div>`;
}

/**
 * A Markdown table; a cell's `|` is escaped, so that it stays one cell.
 *
 * @param titles The headings.
 * @param rows Cells in the order of the headings.
 * @returns Its lines, without a newline at the end.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const table = markdownTable(["a", "b"], [["1", "x|y"]]);
 * assertEquals(table, "| a | b |\n| --- | --- |\n| 1 | x\\|y |");
 * ```
 */
export function markdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [titles, titles.map(() => "---"), ...rows].map(line).join("\n");
}

function markdownOf({ caption, titles, rows }: Pick<Table, "caption" | "titles" | "rows">) {
  return `${markdownTable(titles, rows)}\n\n${caption}`;
}

/**
 * Builds a table.
 *
 * @param caption What the rows are, with the data's source, in one or two sentences.
 * @param columns What is read from each item.
 * @param groups One group per row, with one item per seed.
 * @param differences A table that is shown below this one.
 * @returns A table; numbers of several seeds are shown as mean ± standard deviation (n).
 * @throws {RangeError} If a group is empty.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const table = buildTable<{ run: string; accuracy: number }>("Two seeds.", [
 *   { key: "run", title: "Run", kind: "text", value: (item) => item.run },
 *   { key: "accuracy", title: "Accuracy %", kind: "percent", value: (item) => item.accuracy },
 * ], [[{ run: "a", accuracy: 0.5 }, { run: "a", accuracy: 0.7 }]]);
 * assertEquals(table.rows, [["a", "60.00 ± 14.14 (n = 2)"]]);
 * ```
 */
export function buildTable<T>(
  caption: string,
  columns: readonly Column<T>[],
  groups: readonly (readonly T[])[],
  differences?: Table,
): Table {
  if (groups.some((group) => group.length === 0)) {
    throw new RangeError("Expected every group to hold at least one item but found an empty one");
  }
  const visible = columns.filter(({ onlyCsv }) => !onlyCsv);
  const titles = visible.map(({ title }) => title);
  const rows = groups.map((items) => visible.map((column) => shownCell(column, items)));
  const shown = { caption, titles, rows };
  const seeds = groups.some((items) => items.length > 1);
  const csv = () => {
    const names = [...columns.flatMap((column) => csvNames(column, seeds)), "seeds"];
    const cells = groups.map((items) => [
      ...columns.flatMap((column) => csvCells(column, items, seeds)),
      String(items.length),
    ]);
    return stringifyCsv(
      cells.map((row) => Object.fromEntries(row.map((c, k) => [names[k], c]))),
      names,
    );
  };
  const markdown = () =>
    [markdownOf(shown), ...(differences ? [differences.toMarkdown()] : [])].join("\n\n");
  const html = () =>
    [htmlOf(shown, visible), ...(differences ? [differences.toHtml()] : [])].join("\n");
  return {
    ...shown,
    differences,
    toMarkdown: markdown,
    toHtml: html,
    toCsv: csv,
    [JUPYTER_DISPLAY]: () => ({ "text/html": html(), "text/plain": markdown() }),
  };
}
