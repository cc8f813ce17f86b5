import { markdownTable } from "../../../lib/experiments/views/table.ts";
import { assertEquals } from "../../../lib/assert/mod.ts";

Deno.test("a Markdown table without rows is its heading, and a bar in a cell stays in the cell", () => {
  assertEquals(markdownTable(["a", "b"], []), "| a | b |\n| --- | --- |");
  assertEquals(
    markdownTable(["a"], [["x|y"], ["||"]]).split("\n").slice(2),
    ["| x\\|y |", "| \\|\\| |"],
  );
});
