import { requireKnownOptions } from "../arguments/known_options.ts";
import type { Chart } from "./chart.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import { BLUE, GRID, MUTED_INK, VERMILLION } from "./_palette.ts";
import { WIDE } from "./_panel.ts";
import { requireNames, requireSome } from "./_require.ts";
import { svgText, wrapText } from "./_text.ts";
import { requireList } from "../arguments/require.ts";

/** One check; the rows of `gradientMaskingChecks` fit. */
export interface CheckRow {
  /** What was checked; the heading of the row. */
  readonly name: string;
  /** Whether the row shows a tick or a cross. */
  readonly passed: boolean;
  /** The measured value and, where it failed, the remedy. */
  readonly detail: string;
}

const LINE = 18;
const INDENT = 26;

/**
 * Checks as a list: a tick or a cross, the name, and what was measured.
 *
 * @param checks The checks, drawn in this order.
 * @returns A chart.
 * @throws {RangeError} If there is none.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const chart = checksTable([{ name: "more steps help", passed: true, detail: "4.1% <= 9.0%" }]);
 * assertStringIncludes(chart.summary, "1 of 1 passed");
 * ```
 */
export function checksTable(checks: readonly CheckRow[], options: ChartOptions = {}): Chart {
  requireKnownOptions("checksTable", options, chartOptionNames);
  requireList("checks", checks);
  requireSome("checks", checks.length);
  requireNames("the names of the checks", checks.map(({ name }) => name));
  let [body, y] = ["", 0];
  for (const { name, passed, detail } of checks) {
    const fill = passed ? BLUE : VERMILLION;
    body += svgText(passed ? "✓" : "✗", 4, y + 20, { size: 17, bold: true, fill });
    for (const line of wrapText(name, WIDE - INDENT, 14, true)) {
      body += svgText(line, INDENT, y + 19, { bold: true });
      y += LINE;
    }
    for (const line of wrapText(detail, WIDE - INDENT, 13)) {
      body += svgText(line, INDENT, y + 19, { size: 13, fill: MUTED_INK });
      y += LINE;
    }
    y += 10;
    body += `<path d="M0,${y + 2}h${WIDE}" stroke="${GRID}"/>`;
  }
  const passed = checks.filter((check) => check.passed).length;
  const failed = checks.filter((check) => !check.passed).map((check) => check.name);
  return figure({
    title: options.title ?? "Checks",
    subtitle: options.subtitle,
    panels: [{ width: WIDE, height: y + 6, body }],
    summary: `${passed} of ${checks.length} passed` +
      (failed.length === 0 ? "" : `; failed: ${failed.join(", ")}`),
  });
}
