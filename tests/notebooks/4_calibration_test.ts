import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { judge, runCells, sourceOf, testNotebook } from "./_notebook.ts";

const name = "4_calibration";
const setup = ["library", "imports", "parameters"];

testNotebook(name, {
  equations: ["11", "12", "13", "14", "15", "16", "17"],
  figures: 10,
  predictions: ["P1", "P2", "P3", "P4", "P5", "P6", "P7"],
});

Deno.test("4_calibration: the demonstrations show what the text says", async () => {
  const demos = ["answers", "ece-demo", "bias-demo", "temperature-demo", "ranking-demo"];
  const printed = await runCells(
    await Promise.all([...setup, ...demos].map((id) => sourceOf(name, id))),
  );
  assertEquals(printed[0], "by hand 0.1283, library 0.1283");
  const biases = printed.slice(1, 5).map((line) => Number(/ECE +([\d.]+) %/.exec(line)![1]));
  assertEquals(biases, biases.toSorted((a, b) => b - a));
  assert(biases[0]! > 8 && biases[3]! < 1.5, biases.join(" "));
  assert(Math.abs(Number(printed[5]!.split(" ")[1]) - 3) < 0.15, printed[5]);
  const [before, after] = [...printed[6]!.matchAll(/([\d.]+) %/g)].map(([, value]) =>
    Number(value)
  );
  assert(before! > 10 && after! < 2.5, printed[6]);
  assertEquals(printed.slice(-2), [
    // AURC of the best order with one error of four: (1 / 4) / 4.
    "constant: ECE 0.0000, AURC 0.2500, excess 0.1875",
    "ranking: ECE 0.2250, AURC 0.0625, excess 0.0000",
  ]);
});

Deno.test("4_calibration: exercises know right answers from wrong ones", async () => {
  const printed = await judge(name, setup, [
    ["exercise-1", "0.1067"],
    ["exercise-1", "0.0267"],
    ["exercise-2", "0.2967"],
    ["exercise-2", "0.4"],
  ]);
  assertEquals(printed.map((line) => line.slice(0, 5)), ["Right", "Not y", "Right", "Not y"]);
});
