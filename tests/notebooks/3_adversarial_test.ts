import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { judge, runCells, sourceOf, testNotebook } from "./_notebook.ts";

const name = "3_adversarial";
const setup = ["library", "imports", "parameters"];

testNotebook(name, {
  equations: ["4", "5", "6", "7"],
  figures: 10,
  predictions: ["P1", "P2", "P3", "P4", "P5"],
});

Deno.test("3_adversarial: the demonstrations show what the text says", async () => {
  const cells = [...setup, "signs-demo", "pgd-demo", "masking-model", "masking-demo"];
  const printed = await runCells(await Promise.all(cells.map((id) => sourceOf(name, id))));
  // The expected ratio is sqrt(2 d / pi) / sqrt(1 / 3) for normal slopes: sqrt(d) grows fourfold.
  const ratios = printed.slice(0, 4).map((line) => Number(line.split(" = ").at(-1)));
  [3, 48, 768, 3072].slice(1).forEach((d, k) => {
    const expected = Math.sqrt(6 * d / Math.PI);
    assert(Math.abs(ratios[k + 1]! / expected - 1) < 0.2, `${ratios[k + 1]} for ${d}`);
  });
  assertEquals(printed[4], "one full step: (1, 1), loss 0.00");
  assertEquals(printed[10], "step 6: (0.50, 1.00), loss 1.50");
  const [plain, masked] = printed.slice(-2).map((line) =>
    Object.fromEntries([...line.matchAll(/(\w+) (\d+) %/g)].map(([, k, v]) => [k!, Number(v)]))
  );
  assert(plain!.fgsm! < plain!.clean! / 2 && plain!.pgd! < plain!.clean! / 2, printed.at(-2));
  assert(masked!.fgsm! > 0.9 * plain!.clean! && masked!.pgd! > 0.9 * plain!.clean!, printed.at(-1));
  assertEquals([masked!.clean, masked!.square], [plain!.clean, plain!.square]);
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
