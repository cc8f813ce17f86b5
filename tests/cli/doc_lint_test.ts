import { docFindings } from "../../lib/cli/doc_lint.ts";
import { assertEquals, assertThrows } from "../../lib/assert/mod.ts";

function printed(rule: string, text: string, place: string): string {
  return `error[${rule}]: ${text}\n   --> ${place}\n    | \n 19 |   readonly logits: T;\n\n`;
}

const own = printed("missing-jsdoc", "no JSDoc", "/home/me/lab/lib/nn/classifier.ts:19:3");
const foreign = printed("missing-jsdoc", "no JSDoc", "/home/me/lab/node_modules/a/lib/b.d.ts:1:1");
const privateType = printed(
  "private-type-ref",
  "public type 'A' references private type 'B'",
  "/home/me/lab/lib/a.ts:2:1",
);

Deno.test("findings about lib are kept, those about packages are left out", () => {
  const output = `${own}${foreign}${privateType}error: Found 3 documentation lint errors.\n`;
  assertEquals(docFindings(output, "/home/me/lab"), [
    "lib/nn/classifier.ts:19:3: no JSDoc (missing-jsdoc)",
    "lib/a.ts:2:1: public type 'A' references private type 'B' (private-type-ref)",
  ]);
  const clean = `${foreign}error: Found 1 documentation lint error.\n`;
  assertEquals(docFindings(clean, "/home/me/lab"), []);
});

Deno.test("an output that cannot be read is an error, not an empty list", () => {
  const truncated = `${own}error: Found 2 documentation lint errors.\n`;
  for (const output of ["", "error: Module not found", own, truncated]) {
    assertThrows(() => docFindings(output, "/home/me/lab"), Error, "findings but read");
  }
});
