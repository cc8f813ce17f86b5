import { assertEquals } from "../../lib/assert/mod.ts";
import { judge, runCells, sourceOf, testNotebook } from "./_notebook.ts";

const name = "5_circle_loss";
const setup = ["library", "imports", "parameters"];

testNotebook(name, {
  equations: ["C1", "C2", "C3", "8"],
  figures: 6,
  predictions: ["P1", "P2", "P3"],
});

Deno.test("5_circle_loss: the closed form equals the library's loss", async () => {
  const cells = await Promise.all([...setup, "circle-demo"].map((id) => sourceOf(name, id)));
  const rows = (await runCells(cells)).map((line) => line.split(" "));
  assertEquals(rows.length, 4);
  for (const [expected, actual] of rows) assertEquals(actual, expected);
  // From a good arrangement to a bad one, as the text says.
  const losses = rows.map(([expected]) => Number(expected));
  assertEquals(losses, losses.toSorted((a, b) => a - b));
});

Deno.test("5_circle_loss: CKA is 1 for swapped axes and falls with noise to D / N", async () => {
  const cells = await Promise.all([...setup, "cka-demo"].map((id) => sourceOf(name, id)));
  const printed = (await runCells(cells)).map((line) => Number(line.split(": ")[1]));
  assertEquals([printed.length, printed[0]], [5, 1]);
  assertEquals(printed, printed.toSorted((a, b) => b - a));
  assertEquals(printed[4], 0.02); // 8 axes, 400 images
});

Deno.test("5_circle_loss: exercises know right answers from wrong ones", async () => {
  const printed = await judge(name, setup, [
    ["exercise-1", "0.055"],
    ["exercise-1", "0.09"],
    ["exercise-2", "0.5"],
    ["exercise-2", "0.2"],
  ]);
  assertEquals(printed.map((line) => line.slice(0, 5)), ["Right", "Not y", "Right", "Not y"]);
});
