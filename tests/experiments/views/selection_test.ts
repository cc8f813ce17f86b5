/** How the best epoch was chosen stands beside every result of a run that did not take the usual way. */
import { publishedRuns } from "../../../lib/experiments/mod.ts";
import { checkoutRoot } from "../../../lib/experiments/records/run_paths.ts";
import type { RunRecord } from "../../../lib/experiments/records/record.ts";
import { confusionChart, reliabilityChart } from "../../../lib/experiments/views/charts.ts";
import { compareAccuracy, compareRobustness } from "../../../lib/experiments/views/comparisons.ts";
import { curvesChart, robustnessChart } from "../../../lib/experiments/views/comparison_charts.ts";
import {
  calibrationTable,
  overviewTable,
  robustnessTable,
  trainingTable,
} from "../../../lib/experiments/views/tables.ts";
import { assert, assertEquals, assertStringIncludes } from "../../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";

const NAMED = "robust accuracy (PGD-10, first 1,000 validation images)";
const adversarial = { attack: "pgd", epsilon: 8 / 255, steps: 7, probability: 1 } as const;

/** A run chosen by its robust accuracy, and one chosen as usual. */
async function runs(folder: string): Promise<[RunRecord, RunRecord]> {
  const train = { adversarial, selectBy: "robustAccuracy" } as const;
  return [
    await inventRun(`${folder}/robust`, { id: "cifar-pgd-at", train }),
    await inventRun(`${folder}/usual`, { id: "cifar-base" }),
  ];
}

Deno.test("tables, sentences and charts of a run name what chose its weights", () =>
  withFolder(async (folder) => {
    const [robust, usual] = await runs(folder);
    for (const table of [trainingTable, overviewTable, robustnessTable, calibrationTable]) {
      const caption = table([usual, robust]).caption;
      assertStringIncludes(caption, `Weights of cifar-pgd-at: the epoch with the best ${NAMED}.`);
      assert(!table([usual]).caption.includes("robust accuracy"), caption);
    }
    for (const table of [trainingTable, robustnessTable, calibrationTable]) {
      const { titles, rows } = table([usual, robust]);
      const column = rows.map((row) => row[titles.indexOf("Chosen by")]);
      assertEquals(column, ["validation accuracy", NAMED]);
      assertStringIncludes(table([robust]).toCsv(), "chosen_by");
      assert(!table([usual]).toCsv().includes("chosen_by"));
    }
    assertStringIncludes(
      trainingTable([usual]).caption,
      "the epoch of the best validation accuracy",
    );
    assertStringIncludes(trainingTable([robust]).caption, "Training, at the best epoch.");
    for (
      const statement of [await compareAccuracy(robust, usual), compareRobustness(robust, usual)]
    ) {
      assertStringIncludes(
        statement.text,
        `weights of cifar-pgd-at: the epoch with the best ${NAMED}`,
      );
    }
    const drawn = [
      await reliabilityChart(robust),
      await confusionChart(robust),
      await robustnessChart([usual, robust]),
    ];
    for (const { summary } of drawn) assertStringIncludes(summary, NAMED);
    assert(!(await confusionChart(usual)).summary.includes("robust accuracy"));
    assertStringIncludes((await curvesChart(usual)).summary, "best epoch 2 of 2, train");
  }));

Deno.test("the training of a robust run is described by its norm, restarts and noise", () =>
  withFolder(async (folder) => {
    const described = async (name: string, train: Parameters<typeof inventRun>[1]) => {
      const run = await inventRun(`${folder}/${name}`, { id: "cifar-pgd-at", ...train });
      const { titles, rows } = robustnessTable([run]);
      return rows[0]![titles.indexOf("Training")];
    };
    const l2 = { ...adversarial, norm: "l2", epsilon: 0.5, restarts: 2 } as const;
    assertEquals(await described("linf", { train: { adversarial } }), "pgd, 7 steps, ε 8/255, p 1");
    assertEquals(
      await described("l2", { train: { adversarial: l2 } }),
      "pgd, 7 steps, 2 restarts, L2 ε 0.5, p 1",
    );
    const noisy = { adversarial: undefined, noiseSigma: 0.25 };
    assertEquals(await described("noise", { train: noisy }), "Gaussian noise, σ 0.25");
  }));

Deno.test("published captions are those of runs chosen by validation accuracy", async () => {
  const published = await publishedRuns(["cifar-base"], checkoutRoot());
  assert(published.length > 0);
  assertStringIncludes(
    trainingTable(published).caption,
    "at the epoch of the best validation accuracy",
  );
});
