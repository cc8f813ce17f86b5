import {
  classRobustnessTable,
  conformalTable,
  corruptionTable,
  ensembleTable,
  membershipTable,
  noveltyTable,
} from "../../../lib/experiments/views/evidence_tables.ts";
import { accuracy } from "../../../lib/metrics/accuracy.ts";
import { conformalSets } from "../../../lib/metrics/conformal_sets.ts";
import { conformalThreshold } from "../../../lib/metrics/conformal_threshold.ts";
import { ensemblePredictions } from "../../../lib/metrics/ensemble_predictions.ts";
import { membershipInference } from "../../../lib/metrics/membership_inference.ts";
import { outOfDistribution } from "../../../lib/metrics/out_of_distribution.ts";
import { runExperiment } from "../../../lib/experiments/run_experiment.ts";
import { specById } from "../../../lib/experiments/specs/matrix.ts";
import { points } from "../../../lib/format/percent.ts";
import { assert, assertAlmostEquals, assertEquals } from "../../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";
import { tiny } from "../tiny_spec.ts";

const seeds = (folder: string, rights: readonly number[]) =>
  Promise.all(
    rights.map((right, seed) =>
      inventRun(`${folder}/${seed}`, { id: "svhn-baseline", seed, right })
    ),
  );

Deno.test("conformal sets are calibrated on held-out images, at home and abroad", () =>
  withFolder(async (folder) => {
    const runs = await seeds(folder, [70]);
    const table = await conformalTable(runs, { alpha: 0.2, score: "lac" });
    const { heldOut } = await runs[0]!.predictions();
    const threshold = conformalThreshold(heldOut!, { alpha: 0.2, score: "lac" });
    const abroad = (await runs[0]!.predictions("mnist-test")).predictions;
    const { coverage, meanSize } = conformalSets(abroad, threshold);
    assertEquals(table.rows.map(([, condition]) => condition), ["own test images", "mnist-test"]);
    assertEquals([table.rows[1]![3], table.rows[1]![5]], [
      points(coverage, 2),
      meanSize.toFixed(2),
    ]);
  }));

Deno.test("the other domain is told apart by every score of the outputs", () =>
  withFolder(async (folder) => {
    const runs = await seeds(folder, [70]);
    const table = await noveltyTable(runs);
    const inside = (await runs[0]!.predictions()).predictions;
    const outside = (await runs[0]!.predictions("mnist-test")).predictions;
    const shares = (["confidence", "entropy", "maxLogit", "energy"] as const)
      .map((score) => points(outOfDistribution(inside, outside, { score }).auroc, 2));
    assertEquals(table.rows[0]!.slice(3, 7), shares);
    assertEquals(table.rows[0]![7], "–");
  }));

Deno.test("an ensemble is the mean of its seeds, and stands beside their mean", () =>
  withFolder(async (folder) => {
    const runs = await seeds(folder, [60, 50, 70]);
    const table = await ensembleTable(runs);
    const outputs = await Promise.all(
      runs.map(async (run) => (await run.predictions()).predictions),
    );
    const row = (condition: string) => table.rows.find(([, one]) => one === condition)!;
    const ensemble = ensemblePredictions(outputs);
    assertEquals(row("svhn-test, ensemble of 3")[3], points(accuracy(ensemble), 2));
    assert(row("svhn-test, one network")[3]!.endsWith("(n = 3)"));
    assertEquals((await ensembleTable(runs.slice(0, 1))).rows.length, 2);
  }));

Deno.test("membership, corruptions and Mahalanobis scores come from records that hold them", () =>
  withFolder(async (root) => {
    const usual = tiny(specById("quick", "cifar-base"));
    const { outside, ...more } = {
      outside: { datasets: ["svhn" as const], images: 9 },
      memberImages: 20,
    };
    const evaluation = { ...usual.evaluation, outside, ...more, corruptionImages: 5 };
    const { record } = await runExperiment({ ...usual, evaluation }, { root });
    const { members, predictions } = await record.predictions();
    const found = (await membershipTable([record])).rows[0]!;
    const { auroc } = membershipInference(members!, {
      ...predictions,
      logits: predictions.logits.slice(0, 200),
      probabilities: predictions.probabilities.slice(0, 200),
      labels: Array.from(predictions.labels).slice(0, 20),
      length: 20,
    });
    assertEquals([found[2], found[5]], ["20", points(auroc, 2)]);
    const corrupted = (await corruptionTable([record])).rows;
    assertEquals(corrupted.map(([, condition]) => condition), [
      ...[1, 2, 3, 4, 5].map((severity) => `severity ${severity}`),
      "all",
    ]);
    const novel = (await noveltyTable([record])).rows;
    assertEquals(novel.map(([, name]) => name), ["svhn-test"]);
    assert(novel[0]![7] !== "–");
    const without = await runExperiment(usual, { root });
    assertEquals((await membershipTable([without.record])).rows, []);
    assertEquals((await corruptionTable([without.record])).rows, []);
  }));

Deno.test("the classes' right answers add up to the accuracy under each attack", () =>
  withFolder(async (folder) => {
    const run = await inventRun(`${folder}/a`, { id: "cifar-base" });
    const { rows, titles } = await classRobustnessTable([run]);
    assertEquals(titles.slice(0, 4), ["Run", "Class", "n", "clean %"]);
    const column = titles.indexOf("PGD %");
    const right = rows.reduce((sum, row) => sum + Number(row[2]) * Number(row[column]) / 100, 0);
    const images = rows.reduce((sum, row) => sum + Number(row[2]), 0);
    const pgd = run.metrics.robustnessSweep.find(({ attack, epsilon }) =>
      attack === "pgd" && epsilon > 0
    )!;
    assertEquals(images, pgd.n);
    assertAlmostEquals(right / images, pgd.accuracy, 1e-2);
  }));
