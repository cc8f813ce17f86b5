/** The used part of `@std/csv`'s interface over `d3-dsv`. */
import { csvFormatRows, csvParseRows } from "d3-dsv";

/** Parses a table into objects, the first row being the header. */
export function parse(text: string, _options: { skipFirstRow: true }): Record<string, string>[] {
  const table: string[][] = csvParseRows(text);
  const [header = [], ...rows] = table;
  return rows.map((row) => {
    if (row.length !== header.length) {
      throw new SyntaxError(`Expected ${header.length} fields in each row but found ${row.length}`);
    }
    return Object.fromEntries(header.map((column, k) => [column, row[k]!]));
  });
}

/** Formats objects as a table with a header. */
export function stringify(
  rows: readonly Readonly<Record<string, unknown>>[],
  { columns }: { columns: readonly string[]; crlf?: boolean },
): string {
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? "")));
  return `${csvFormatRows([[...columns], ...cells])}\n`;
}
