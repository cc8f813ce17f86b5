import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../lib/assert/mod.ts";
import { findMath } from "../../lib/cli/notebooks/_find_math.ts";
import { MathTypesetter } from "../../lib/cli/notebooks/_math.ts";

const texOf = (markdown: string) => findMath(markdown).map(({ tex, display }) => [tex, display]);

Deno.test("each way in which students write formulas is found", () => {
  const cases: [string, [string, boolean][]][] = [
    ["a $x$ b", [["x", false]]],
    ["$ x $ and $ a = b $", [[" x ", false], [" a = b ", false]]],
    ["$$\nx\n$$", [["\nx\n", true]]],
    ["\\(x\\) and \\\\(y\\\\)", [["x", false], ["y", false]]],
    ["so \\[x^2\\] holds", [["x^2", true]]],
    ["\\[\n1\n\\]", [["\n1\n", true]]],
    ["\\\\[ a = b \\\\]", [[" a = b ", true]]],
    ["\\begin{align}a&=b\\end{align}", [["\\begin{align}a&=b\\end{align}", true]]],
    ["a line $a\n+b$ broken", [["a\n+b", false]]],
    ["| $|x|$ | b |", [["|x|", false]]],
  ];
  for (const [markdown, expected] of cases) assertEquals(texOf(markdown), expected, markdown);
});

Deno.test("an environment ends where it closes, whatever it holds", () => {
  const inner = "\\begin{cases}1\\\\ \\begin{cases}2\\end{cases}\\end{cases}";
  assertEquals(texOf(`so ${inner} and $x$`), [[inner, true], ["x", false]]);
});

Deno.test("prices, brackets, code and comments hold no formula", () => {
  for (
    const markdown of [
      "costs $5 and $6",
      "from 3$ to 4$",
      "\\$3 or \\$4",
      "see \\[1\\] and \\(below\\)",
      "`$x$` and ``a ` $y$``",
      "```\n$x$\n```",
      "~~~\n$x$\n~~~",
      "<code>$x$</code>",
      "<!-- $x$ -->",
      "an open $x and\n\nanother $y",
    ]
  ) assertEquals(texOf(markdown), [], markdown);
});

const typeset = (...markdowns: string[]) => {
  const typesetter = new MathTypesetter();
  const found = markdowns.flatMap((
    markdown,
  ) => [...typesetter.extract(markdown).formulas.values()]);
  return { found, bad: typesetter.bad };
};

Deno.test("align, cases and eqnarray become MathML with their source for screen readers", () => {
  for (const name of ["align", "align*", "cases", "gather", "equation", "aligned", "eqnarray"]) {
    const [formula] =
      typeset(`\\begin{${name}}a&b\\end{${name}}`.replace(/&(?=.*(?:gather|equation))/, ""))
        .found;
    assertMatch(formula!, /^<math /, name);
    assertStringIncludes(formula!, '<annotation encoding="application/x-tex">');
  }
});

Deno.test("a macro holds in later formulas and cells", () => {
  const { found, bad } = typeset(
    "$\\newcommand{\\E}[1]{\\mathbb{E}[#1]}$ $\\E{x}$",
    "$\\E{y}$ $\\DeclareMathOperator{\\softmax}{softmax}$ $\\softmax z$",
    "$\\def\\R{\\mathbb{R}}$ $\\R^2$ $\\renewcommand{\\E}[1]{E(#1)} \\E{z}$",
  );
  assertEquals(bad, []);
  assertEquals(found.filter((formula) => formula.startsWith("<math")).length, 5);
});

Deno.test("a formula that is not understood costs itself alone, and is told", () => {
  const { found, bad } = typeset("$a$ $\\foo{<b>}$ $b$");
  assertEquals(found.map((formula) => formula.startsWith("<math")), [true, false, true]);
  assertStringIncludes(found[1]!, "<code>\\foo{&lt;b&gt;}</code>");
  assertEquals(bad, [{ tex: "\\foo{<b>}", reason: "Unsupported function name: \\foo" }]);
  assert(typeset("$\\def\\x{\\x\\x}\\x$").bad.length === 1);
});
