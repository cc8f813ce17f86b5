/**
 * Reading and writing comma-separated tables (RFC 4180) with `jsr:@std/csv`; where jsr cannot be
 * reached, with `d3-dsv`. `deno task doctor` names which one is in use.
 */
import type * as Fallback from "./_csv_fallback.ts";

// Computed, so that only who runs this line asks jsr, and for so long: a host that is cut off and
// never answers must not hold up a program that computes.
const library = ["@std", "csv"].join("/");
const patienceMs = 3000;

async function load(): Promise<{ name: string; module: typeof Fallback }> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), patienceMs);
  });
  try {
    return { name: "jsr:@std/csv", module: await Promise.race([import(library), late]) };
  } catch {
    return { name: "npm:d3-dsv (fallback)", module: await import("./_csv_fallback.ts") };
  } finally {
    clearTimeout(timer);
  }
}

const loaded = await load();

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
