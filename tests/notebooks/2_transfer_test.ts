import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { judge, runCells, sourceOf, testNotebook } from "./_notebook.ts";

const name = "2_transfer";
const setup = ["library", "imports", "parameters"];

testNotebook(name, {
  equations: ["2", "9", "10"],
  figures: 8,
  predictions: ["P1", "P2", "P3", "P4", "P5", "P6"],
});

Deno.test("2_transfer: the proxy A-distance grows with the distance of the clouds", async () => {
  const cells = await Promise.all([...setup, "distance-demo"].map((id) => sourceOf(name, id)));
  const distances = (await runCells(cells)).map((line) => Number(line.split(" ").at(-1)));
  assertEquals(distances.length, 4);
  // The best rule's error for a shift s is Phi(-s / 2): distances 0, 0.77, 1.37, 1.91.
  [0, 0.77, 1.37, 1.91].forEach((expected, k) =>
    assert(Math.abs(distances[k]! - expected) < 0.2, `${distances[k]} is not near ${expected}`)
  );
});

Deno.test("2_transfer: exercises know right answers from wrong ones", async () => {
  const printed = await judge(name, setup, [
    ["exercise-1", "1.5"],
    ["exercise-1", "-1.5"],
    ["exercise-3", "[3, 2]"],
    ["exercise-3", "[3, 0.2]"],
  ]);
  assertEquals(printed.map((line) => line.slice(0, 5)), ["Right", "Not y", "Right", "Not y"]);
});
