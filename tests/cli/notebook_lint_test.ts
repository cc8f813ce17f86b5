import fc from "fast-check";
import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";
import { lintNotebook } from "../../lib/cli/notebooks/lint.ts";
import { insertMath, MathTypesetter } from "../../lib/cli/notebooks/_math.ts";
import type { Notebook } from "../../lib/cli/notebooks/nbformat.ts";
import { cell, wellFormed } from "./notebook_fixture.ts";

/** The findings after one change to a good notebook. */
function findings(change: (notebook: Notebook) => void): string[] {
  const changed = wellFormed();
  change(changed);
  return lintNotebook("n/1_a.ipynb", changed);
}

Deno.test("a well-formed notebook has no findings", () => {
  assertEquals(findings(() => {}), []);
});

Deno.test("each broken rule is one finding that names the notebook and the cell", () => {
  const lines = Array.from({ length: 13 }, (_, k) => `f(${k});`).join("\n");
  const cases: [(notebook: Notebook) => void, string][] = [
    [({ cells }) => cells[2]!.source = lines, "1_a.ipynb: cell 3 of 5 has 13 lines of code"],
    [({ cells }) => cells.pop(), "cell 4 of 4 shows a figure that no markdown cell"],
    [({ cells }) => cells[2]!.metadata = {}, `no cell is tagged "parameters"`],
    [({ cells }) => cells.shift(), "does not start with prose"],
    [
      ({ cells }) => cells[1]!.source = `await import("../lib/mod.ts");`,
      "does not import ../lib/open_library.ts",
    ],
    [
      ({ cells }) => cells[1]!.source = `import "../lib/open_library.ts";`,
      "does not say to keep it in the project's notebooks/",
    ],
    [({ cells }) => cells[1]!.outputs = [{ output_type: "error" }], "has an error output"],
    [({ metadata }) => metadata.kernelspec = { name: "python3" }, `its kernel is not "deno"`],
    [({ cells }) => cells[1]!.id = cells[2]!.id, "lack ids of their own"],
    [({ cells }) => cells[2]!.source = `read("/home/ada/x")`, "absolute path /home/ada/x"],
  ];
  for (const [change, expected] of cases) {
    const found = findings(change);
    assertEquals(found.length, 1, found.join("\n"));
    assertStringIncludes(found[0]!, expected);
  }
});

Deno.test("blank lines do not count and twelve lines are allowed", () => {
  const source = Array.from({ length: 12 }, (_, k) => `f(${k});`).join("\n\n");
  assertEquals(findings(({ cells }) => cells[2]!.source = source), []);
});

Deno.test("absolute paths in outputs are found, addresses and ratios are not", () => {
  const output = (text: string) => [{ output_type: "stream", name: "stdout", text }];
  assertEquals(
    findings(({ cells }) => cells[2]!.outputs = output("at (/home/reader/a.ts:3)")).length,
    1,
  );
  const fine = "https://a.b/home/x, 8/255, data/raw, C: 3";
  assertEquals(findings(({ cells }) => cells[2]!.outputs = output(fine)), []);
  assertEquals(findings(({ cells }) => cells.push(cell("markdown", fine))), []);
});

Deno.test("formulas are found in prose and not in code", () => {
  const text = [
    "Inline $a_i$ and $\\frac{1}{2}$.",
    "",
    "$$",
    "x = 1",
    "$$",
    "",
    "`$no$` costs \\$5 or $5 and $6.",
    "",
    "```sh",
    "echo $A $B$",
    "```",
    "",
  ].join("\n");
  const { markdown, formulas } = new MathTypesetter().extract(text);
  assertEquals([...formulas.keys()], ["formula0z", "formula1z", "formula2z"]);
  assertStringIncludes(markdown, "Inline formula0z and formula1z.\n\nformula2z\n\n`$no$` costs");
  assertStringIncludes(markdown, "echo $A $B$");
  assertStringIncludes(formulas.get("formula2z")!, `display="block"`);
});

Deno.test("a formula cannot hold a link, a class or a style of its author's", () => {
  for (
    const tex of ["\\href{javascript:alert(1)}{x}", "\\url{https://a.b}", "\\style{color:red}{x}"]
  ) {
    const typesetter = new MathTypesetter();
    const [shown] = typesetter.extract(`$${tex}$`).formulas.values();
    assertEquals(typesetter.bad.map((one) => one.tex), [tex]);
    assert(!/<a|style=/.test(shown!));
  }
});

Deno.test("a formula's word inside a tag is dropped, in text it becomes the formula", () => {
  const { formulas } = new MathTypesetter().extract("$x$");
  const html = insertMath(`<h2 id="On-formula0z">On formula0z</h2>`, formulas);
  assert(html.startsWith(`<h2 id="On-">On <math`));
  assertStringIncludes(html, "application/x-tex");
});

Deno.test("text without dollars and backticks comes back unchanged", () => {
  const text = fc.string().filter((value) => !/[$`~]/.test(value));
  fc.assert(fc.property(text, (value) => {
    assertEquals(new MathTypesetter().extract(value), { markdown: value, formulas: new Map() });
  }));
});
