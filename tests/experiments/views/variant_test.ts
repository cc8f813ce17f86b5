import { join } from "node:path";
import { publishedRun, thisRun } from "../../../lib/experiments/lab_session.ts";
import type { RunRecord } from "../../../lib/experiments/records/record.ts";
import { metricsSummaryJson, writeSummaries } from "../../../lib/experiments/report/summaries.ts";
import {
  mapChart,
  perClassChart,
  reliabilityChart,
} from "../../../lib/experiments/views/charts.ts";
import {
  accuracyChart,
  coverageChart,
  curvesChart,
  learningCurveChart,
  minimumEpsilonChart,
  robustnessChart,
} from "../../../lib/experiments/views/comparison_charts.ts";
import {
  compareAccuracy,
  compareMetric,
  compareRobustness,
} from "../../../lib/experiments/views/comparisons.ts";
import {
  maskingTable,
  representationTable,
  shiftTable,
  sweepTable,
} from "../../../lib/experiments/views/condition_tables.ts";
import { predicted } from "../../../lib/experiments/views/statement.ts";
import * as tables from "../../../lib/experiments/views/tables.ts";
import { assert, assertEquals, assertStringIncludes } from "../../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";

const MARK = "variant of svhn-baseline with learningRate 0.05 instead of 0.02";

async function runsIn(folder: string): Promise<RunRecord[]> {
  const variant = { id: "mine", train: { learningRate: 0.05 } };
  const runs: RunRecord[] = [];
  for (const seed of [0, 1]) {
    runs.push(await inventRun(join(folder, `parent-${seed}`), { seed, right: 60 + seed }));
    runs.push(await inventRun(join(folder, `mine-${seed}`), { seed, right: 40 + seed, variant }));
  }
  return runs;
}

Deno.test("every table shows a variant beside its parent, marked, with what it changes", () =>
  withFolder(async (folder) => {
    const runs = await runsIn(folder);
    const all = [
      tables.overviewTable,
      tables.trainingTable,
      tables.calibrationTable,
      tables.temperatureTable,
      tables.crossDomainTable,
      tables.domainTable,
      tables.fineTuningTable,
      tables.pretrainedTable,
      tables.robustnessTable,
      tables.objectiveTable,
      shiftTable,
      representationTable,
      sweepTable,
    ];
    for (const table of all) {
      const { titles, rows, caption, differences, toCsv } = table(runs);
      assertEquals(titles[1], "Variant of", table.name);
      const mine = rows.find(([run]) => run!.replaceAll("`", "") === "mine");
      assertEquals(mine?.[1], "svhn-baseline", table.name);
      assert(rows.some(([, of]) => of === "–"), table.name);
      if (table !== tables.overviewTable) assertStringIncludes(caption, `mine: ${MARK}`);
      const [heading, ...lines] = toCsv().split("\n");
      assertStringIncludes(heading!, "variant_of,changes");
      assert(lines.some((line) => line.includes("svhn-baseline,learningRate 0.05 instead")));
      if (differences) assertStringIncludes(differences.rows[0]![0]!, "mine − svhn-baseline");
    }
    assert(tables.trainingTable(runs).differences !== undefined);
    const [parent] = runs;
    assertEquals(tables.trainingTable([parent!]).titles.includes("Variant of"), false);
    assertStringIncludes(maskingTable(runs[1]!).caption, MARK);
  }));

Deno.test("every chart of a variant says what it is", () =>
  withFolder(async (folder) => {
    const runs = await runsIn(folder);
    const mine = runs[1]!;
    const charts = [
      await accuracyChart(runs),
      await curvesChart(runs),
      await curvesChart(mine),
      await coverageChart(runs),
      await robustnessChart(runs),
      await robustnessChart(mine),
      await minimumEpsilonChart(runs),
      await learningCurveChart(runs),
      await mapChart(mine),
      await perClassChart(mine),
      await reliabilityChart(mine),
    ];
    for (const { svg } of charts) {
      const words = [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text).join(" ");
      assertStringIncludes(words, MARK);
    }
  }));

Deno.test("every statement about a variant says what it is", () =>
  withFolder(async (folder) => {
    const runs = await runsIn(folder);
    const [mine, parent] = ["mine", "svhn-baseline"].map((id) =>
      runs.filter((run) => run.id === id)
    );
    const statements = [
      await compareAccuracy(mine!, parent!),
      await compareMetric(mine!, parent!, "ece"),
      compareRobustness(parent!, mine!),
    ];
    for (const { text } of statements) assert(text.endsWith(`. mine: ${MARK}.`), text);
    const { text } = predicted("P1", "lower", statements[0]!);
    assertStringIncludes(text, MARK);
    assertStringIncludes(thisRun(runs, statements[0]!).text, MARK);
    assertStringIncludes(publishedRun(runs).text, MARK);
    assertEquals((await compareAccuracy(parent![0]!, parent![1]!)).text.includes("variant"), false);
  }));

Deno.test("the summary files name variants and their parents", () =>
  withFolder(async (folder) => {
    const runs = await runsIn(folder);
    const { runs: summaries } = JSON.parse(metricsSummaryJson(runs));
    const mine = summaries.find(({ id }: { id: string }) => id === "mine");
    assertEquals(mine.variant, MARK);
    assertEquals(mine.evaluations[0].differenceToBaseline.baseline, "svhn-baseline");
    for (const path of await writeSummaries(runs, join(folder, "summaries"))) {
      assertStringIncludes(await Deno.readTextFile(path), "learningRate 0.05 instead of 0.02");
    }
  }));
