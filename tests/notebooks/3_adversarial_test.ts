import { assert, assertEquals } from "../assert.ts";
import { judge, runCells, sourceOf, testNotebook } from "./_notebook.ts";

const name = "3_adversarial";
const setup = ["library", "imports", "parameters"];

testNotebook(name, {
  equations: ["4", "5", "6", "7"],
  figures: 9,
  predictions: ["P1", "P2", "P3", "P4", "P5"],
});

Deno.test("3_adversarial: the demonstrations show what the text says", async () => {
  const cells = [...setup, "signs-demo", "pgd-demo", "masking-model", "masking-demo"];
  const printed = await runCells(await Promise.all(cells.map((id) => sourceOf(name, id))));
  console.log(printed.join("\n"));
  assert(printed.length > 0);
});

Deno.test("3_adversarial: exercises know right answers from wrong ones", async () => {
  const printed = await judge(name, setup, [
    ["exercise-1", "0.35"],
    ["exercise-1", "0.05"],
    ["exercise-2", "[0.15, 0.55]"],
    ["exercise-2", "[0, 0.55]"],
  ]);
  assertEquals(printed.map((line) => line.slice(0, 5)), ["Right", "Not y", "Right", "Not y"]);
});
