import { compareSides } from "../../../lib/experiments/views/side_comparisons.ts";
import { compareAccuracy } from "../../../lib/experiments/views/comparisons.ts";
import { predictionTable } from "../../../lib/experiments/views/prediction_table.ts";
import { predicted, statement } from "../../../lib/experiments/views/statement.ts";
import { accuracy } from "../../../lib/metrics/accuracy.ts";
import { holmAdjusted } from "../../../lib/metrics/holm_adjusted.ts";
import { seedDifference } from "../../../lib/metrics/seed_difference.ts";
import { selectiveAccuracy } from "../../../lib/metrics/selective_accuracy.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "../../../lib/assert/mod.ts";
import { loadRecords } from "../../../lib/experiments/records/record.ts";
import { checkoutRoot, publishedPaths } from "../../../lib/experiments/records/run_paths.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";

const seeds = (folder: string, id: string, rights: readonly number[]) =>
  Promise.all(
    rights.map((right, seed) => inventRun(`${folder}/${id}-${seed}`, { id, seed, right })),
  );

Deno.test("conditions of a run with several seeds are compared over the seeds", () =>
  withFolder(async (folder) => {
    const runs = await seeds(folder, "svhn-baseline", [70, 66, 72]);
    const found = await compareSides({ runs, name: "mnist-test" }, { runs });
    const home = runs.map(({ metrics }) => metrics.accuracy);
    const abroad = runs.map((run) => run.evaluations.get("mnist-test")!.accuracy);
    const { mean, low, high, pValue } = seedDifference(abroad, home);
    assertEquals(found.verdict, "lower");
    assertEquals(found.numbers?.seeds, [0, 1, 2]);
    assertAlmostEquals(found.numbers!.difference, mean, 1e-12);
    assertEquals([found.numbers!.low, found.numbers!.high, found.numbers!.pValue], [
      low,
      high,
      pValue,
    ]);
    assertStringIncludes(found.text, "svhn-baseline on mnist-test");
    assertStringIncludes(predicted("P1", "lower", found).text, "**P1** (predicted: lower) held. ");
  }));

Deno.test("one seed's verdict says that it is about this seed", () =>
  withFolder(async (folder) => {
    const runs = await seeds(folder, "svhn-baseline", [70]);
    const found = await compareSides({ runs, name: "mnist-test", adapted: true }, {
      runs,
      name: "mnist-test",
    });
    assertEquals(found.numbers?.seeds, [0]);
    assertStringIncludes(found.text, "with AdaBN");
    assertStringIncludes(found.text, "seed 0");
    const { text, prediction } = predicted("P4", "higher", found);
    assertStringIncludes(text, " on this seed. ");
    assert(prediction!.fate.endsWith(" on this seed"));
    const alone = await compareAccuracy(runs, await seeds(folder, "svhn-ls", [40]));
    assertEquals(alone.numbers?.seeds, [0]);
  }));

Deno.test("attacks, worst case, temperature and confidence are conditions", () =>
  withFolder(async (folder) => {
    const runs = await seeds(folder, "cifar-base", [60]);
    const [run] = runs;
    const attack = (name: string) =>
      run!.metrics.robustnessSweep.find((one) => one.attack === name && one.epsilon > 0)!;
    const fgsm = await compareSides({ runs, attack: "fgsm" }, { runs, attack: "noise" });
    const gap = attack("fgsm").accuracy - attack("noise").accuracy;
    assertAlmostEquals(fgsm.numbers!.difference, gap, 1e-12);
    const worst = await compareSides({ runs, attack: "worst case" }, { runs, attack: "pgd" });
    assert(worst.numbers!.difference <= 0);
    const scaled = await compareSides({ runs, scaled: true }, { runs }, "ece");
    assertStringIncludes(scaled.text, "at its temperature");
    const surest = await compareSides({ runs, surest: 0.8 }, { runs, withoutSurest: 0.8 });
    const p = (await run!.predictions()).predictions;
    const [sure, all] = [selectiveAccuracy(p, 0.8), accuracy(p)];
    assertAlmostEquals(surest.numbers!.difference, sure - (all - 0.8 * sure) / 0.2, 1e-9);
    await assertRejects(
      () => compareSides({ runs, attack: "square" }, { runs }),
      RangeError,
      "square",
    );
    await assertRejects(() => compareSides({ runs, adapted: true }, { runs }), RangeError, "AdaBN");
    const misspelt = { runs, atack: "pgd" } as never;
    await assertRejects(() => compareSides(misspelt, { runs }), TypeError, "attack");
  }));

Deno.test("older records count right answers with AdaBN without naming the images", async () => {
  const runs = (await loadRecords(publishedPaths(checkoutRoot()).records))
    .filter(({ id }) => id === "svhn-baseline");
  const name = "mnist-test";
  const found = await compareSides({ runs, name, adapted: true }, { runs, name });
  const gaps = runs.map((run) => {
    const { adapted, accuracy } = run.evaluations.get(name)!;
    return adapted!.accuracy - accuracy;
  });
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  assertAlmostEquals(found.numbers!.difference, mean, 1e-9);
  const [run] = runs;
  const one = await compareSides({ runs: run!, name, adapted: true }, { runs: run!, name });
  assertAlmostEquals(one.numbers!.difference, gaps[0]!, 1e-9);
});

Deno.test("the table has a row a prediction and adjusts its p-values together", () => {
  const side = (label: string, correct: number) => ({ label, correct, n: 100 });
  const statements = [
    predicted("P1", "higher", statement(side("a", 90), side("b", 50))),
    predicted("P2", "higher", statement(side("a", 60), side("b", 50))),
    statement(side("a", 10), side("b", 90)),
  ];
  const table = predictionTable([{ title: "This run", statements }], { P2: "a beats b" });
  assertEquals(table.rows.map(([name, expected, fate]) => [name, expected, fate]), [
    ["P1", "higher", "held"],
    ["P2: a beats b", "higher", "is undecided"],
  ]);
  const adjusted = holmAdjusted(statements.slice(0, 2).map(({ numbers }) => numbers!.pValue!));
  assertEquals(table.rows[1]![4], adjusted[1]!.toFixed(3));
  assertEquals(table.rows[0]![4], "< 0.001");
  assertStringIncludes(table.rows[1]![3]!, "+10.0 [−3.7, +23.2] points");
});

Deno.test("the pooled z test gives scipy's p-value", () => {
  const { numbers } = statement({ label: "a", correct: 56, n: 70 }, {
    label: "b",
    correct: 48,
    n: 80,
  });
  assertAlmostEquals(numbers!.pValue!, 0.00804508136819656, 1e-9);
});
