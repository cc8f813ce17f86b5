import fc from "fast-check";
import { csvAdapter, parseCsv, stringifyCsv } from "../../lib/format/csv.ts";
import * as fallback from "../../lib/format/_csv_fallback.ts";
import { assert, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

Deno.test("a table is read back as it was written", () => {
  const cell = fc.string().filter((text) => !text.includes("\r"));
  fc.assert(
    fc.property(
      fc.array(fc.record({ a: cell, b: cell }), { minLength: 1 }),
      (rows) => {
        // A lone empty field and an empty line look the same; two columns avoid that.
        assertEquals(parseCsv(stringifyCsv(rows, ["a", "b"])), rows.map((row) => ({ ...row })));
      },
    ),
  );
});

Deno.test("the adapter names its library", () => {
  assert(csvAdapter.includes("@std/csv") || csvAdapter.includes("d3-dsv"));
});

Deno.test("absent values are empty fields; numbers keep full precision", () => {
  const rows = [{ a: null, b: 0.1 + 0.2 }, { b: false }];
  assertEquals(stringifyCsv(rows, ["a", "b"]), "a,b\n,0.30000000000000004\n,false\n");
});

Deno.test("the fallback quotes what needs it and refuses ragged rows", () => {
  assertEquals(
    fallback.stringify([{ a: 'say "x"', b: "1\n2" }], { columns: ["a", "b"] }),
    'a,b\n"say ""x""","1\n2"\n',
  );
  assertThrows(() => fallback.parse("a,b\n1\n", { skipFirstRow: true }), SyntaxError, "2 fields");
});
