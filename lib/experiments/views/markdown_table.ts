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
