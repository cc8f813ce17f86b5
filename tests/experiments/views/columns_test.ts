/** The rows from which tables and charts of runs are made. */
import { experimentMatrix, idsShownIn, rowOf } from "../../../lib/experiments/specs/matrix.ts";
import { profiles } from "../../../lib/experiments/specs/run_spec.ts";
import { robustnessChart } from "../../../lib/experiments/views/comparison_charts.ts";
import { chartOf, runCharts } from "../../../lib/experiments/views/charts.ts";
import {
  columnsOf,
  type RunTableName,
  summarizedMetrics,
} from "../../../lib/experiments/views/columns.ts";
import { assert, assertEquals } from "../../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";

/** The number of columns of each table. */
const tables: Readonly<Record<RunTableName, number>> = {
  overview: 8,
  training: 14,
  crossDomain: 12,
  domain: 7,
  fineTuning: 11,
  pretrained: 13,
  robustness: 13,
  calibration: 14,
  temperature: 14,
  objective: 7,
};

Deno.test("each table starts with the run, and no two of its columns share a key", () =>
  withFolder(async (folder) => {
    const runs = [await inventRun(folder)];
    for (const [table, n] of Object.entries(tables)) {
      const columns = columnsOf(table as RunTableName, runs);
      const keys = columns.map(({ key }) => key);
      assertEquals([keys[0], keys.length, new Set(keys).size], ["run", n, n], table);
      assert(columns.some(({ compared }) => compared), table);
    }
  }));

Deno.test("the metrics summed up over seeds are numbers of every evaluation", () =>
  withFolder(async (folder) => {
    const { metrics } = await inventRun(folder);
    assertEquals([...summarizedMetrics].toSorted(), [
      "accuracy",
      "aurc",
      "brier",
      "classwiseEce",
      "ece",
      "excessAurc",
      "nll",
      "selectiveAccuracy80",
      "selectiveAccuracy90",
    ]);
    const values = metrics as unknown as Record<string, unknown>;
    assert([...summarizedMetrics].every((name) => typeof values[name] === "number"));
  }));

Deno.test("a chart has one name and one flag", () => {
  for (const key of ["name", "flag", "shows"] as const) {
    assertEquals(new Set(runCharts.map((chart) => chart[key])).size, runCharts.length, key);
  }
});

Deno.test("a chart of one run is the same wherever it is drawn", () =>
  withFolder(async (folder) => {
    const run = await inventRun(folder);
    const { svg } = await robustnessChart(run);
    assertEquals(svg, (await robustnessChart([run])).svg);
    assertEquals(svg, (await chartOf("robustness_sweep", run)).svg);
  }));

Deno.test("every run of every profile has a row, and every place shows one", () => {
  for (const profile of profiles) {
    for (const { id, dataset } of experimentMatrix(profile)) {
      assertEquals(rowOf(id)?.dataset, dataset, id);
    }
  }
  assertEquals(rowOf("svhn-baseline-of-my-own"), undefined);
  assertEquals(idsShownIn("svhn_training"), ["svhn-baseline", "svhn-no-bn", "svhn-adam"]);
  assertEquals(idsShownIn("robustness"), [
    "cifar-base",
    "cifar-fgsm-at",
    "cifar-pgd-at",
    "cifar-pgd-at-p1",
    "cifar-trades",
    "cifar-pgd-at-circle",
    "cifar-noise-0.12",
    "cifar-noise-0.25",
  ]);
  assertEquals(idsShownIn("all_charts"), [
    "svhn-baseline",
    "mnist-train",
    "cifar-base",
    "cifar-pgd-at",
  ]);
});
