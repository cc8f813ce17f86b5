import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { judge, runCells, sourceOf, testNotebook } from "./_notebook.ts";

const name = "1_generalization";
const setup = ["library", "imports", "parameters"];

testNotebook(name, {
  equations: ["1", "2", "3"],
  figures: 11,
  predictions: ["P1", "P2", "P3", "P4"],
});

Deno.test("1_generalization: the demonstrations show what the text says", async () => {
  const cells = [...setup, "selection-demo", "interval-demo", "smoothing-demo"];
  const printed = await runCells(await Promise.all(cells.map((id) => sourceOf(name, id))));
  const [chosen, fresh] = printed.slice(0, 2).map((line) => Number(/([\d.]+) %/.exec(line)![1]));
  // The mean of the largest of 20 binomials(200, 1/2): 50 + 1.87 * 3.54 = 56.6.
  assert(Math.abs(chosen! - 56.6) < 0.5, printed[0]);
  assert(Math.abs(fresh! - 50) < 0.5, printed[1]);
  assertEquals(printed[2], "80 % of    100 images: 71.1 to 86.7 %");
  assertEquals(printed.slice(-2).map((line) => line.split(" ").at(-1)), ["4.39", "4.39"]);
});

Deno.test("1_generalization: exercises know right answers from wrong ones", async () => {
  const printed = await judge(name, [...setup, "smoothing-demo"], [
    ["exercise-1", "6200"],
    ["exercise-1", "5000"],
    ["exercise-1", "9000"],
    ["exercise-2", "0.545"],
    ["exercise-2", "0.325"],
  ]);
  assertEquals(printed.map((line) => line.slice(0, 5)), [
    "Right",
    "Too f",
    "Enoug",
    "Right",
    "Not y",
  ]);
});
