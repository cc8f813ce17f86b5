/**
 * Reading and writing comma-separated tables (RFC 4180) with `jsr:@std/csv`; where jsr cannot be
 * reached, with `d3-dsv`. `deno task doctor` names which one is in use.
 */
import { dsvFormat } from "d3-dsv";
import type * as Fallback from "./_csv_fallback.ts";

const loaded = await import("@std/csv").then(
  (module) => ({ name: "jsr:@std/csv", module: module as unknown as typeof Fallback }),
  async () => ({ name: "npm:d3-dsv (fallback)", module: await import("./_csv_fallback.ts") }),
);

/** Which implementation is in use. */
export const csvAdapter: string = loaded.name;

/**
 * Parses a table whose first row is the header.
 *
 * @param text Lines of comma-separated fields.
 * @returns One object per row, its keys being the header's fields.
 * @throws {SyntaxError} If a row has another number of fields than the header.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(parseCsv('a,b\n1,"x, y"\n'), [{ a: "1", b: "x, y" }]);
 * ```
 */
export function parseCsv(text: string): Record<string, string>[] {
  return loaded.module.parse(text, { skipFirstRow: true });
}

/**
 * Formats rows as a table with a header; lines end in "\n".
 *
 * @param rows Values by column; null and undefined become empty fields.
 * @param columns Which columns, in order.
 * @returns The text, fields quoted where they need it.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(stringifyCsv([{ a: 1, b: "x, y" }], ["a", "b"]), 'a,b\n1,"x, y"\n');
 * ```
 */
export function stringifyCsv(
  rows: readonly Readonly<Record<string, unknown>>[],
  columns: readonly string[],
): string {
  return loaded.module.stringify(rows, { columns, crlf: false });
}

/**
 * Visits the rows of a table one after the other, without keeping them: a table of millions of numbers
 * is read in the memory of its text.
 *
 * @param text Lines of fields (RFC 4180).
 * @param separator What stands between fields, e.g. ",".
 * @param visit Gets each row's fields and its number, from 0.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const widths: number[] = [];
 * eachCsvRow('1,2\n"3, 4"', ",", (fields) => void widths.push(fields.length));
 * assertEquals(widths, [2, 1]);
 * ```
 */
export function eachCsvRow(
  text: string,
  separator: string,
  visit: (fields: string[], row: number) => void,
): void {
  dsvFormat(separator).parseRows(text, (fields: string[], row: number) => {
    visit(fields, row);
    return null;
  });
}
