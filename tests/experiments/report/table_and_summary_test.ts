import { join } from "node:path";
import { buildTable, type Column } from "../../../lib/experiments/views/table.ts";
import { groupBySeed } from "../../../lib/experiments/records/run_groups.ts";
import { metricsSummaryJson, writeSummaries } from "../../../lib/experiments/report/summaries.ts";
import {
  calibrationTable,
  crossDomainTable,
  domainTable,
  fineTuningTable,
  objectiveTable,
  robustnessTable,
  trainingTable,
} from "../../../lib/experiments/views/tables.ts";
import {
  classRiskTable,
  maskingTable,
  representationTable,
  shiftTable,
} from "../../../lib/experiments/views/condition_tables.ts";
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "../../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";

interface Item {
  readonly run: string;
  readonly share: number | null;
  readonly count: number;
}

const columns: Column<Item>[] = [
  { key: "run", title: "Run", kind: "text", value: (item) => item.run },
  {
    key: "share",
    title: "Share %",
    kind: "percent",
    value: (item) => item.share,
    interval: (item) => item.share === null ? null : { low: item.share - 0.1, high: 1 },
  },
  { key: "count", title: "n", kind: "count", value: (item) => item.count },
];

Deno.test("one seed is shown with its interval, several as mean ± sd with n", () => {
  const one = { run: "a", share: 0.5, count: 1200 };
  const rows = buildTable("", columns, [[one], [one, { ...one, share: 0.7, count: 1300 }]]).rows;
  assertEquals(rows, [
    ["a", "50.00 [40.00, 100.00]", "1,200"],
    ["a", "60.00 ± 14.14 (n = 2)", "1200–1300"],
  ]);
});

Deno.test("a CSV has two decimals in percentages, its interval and number of seeds, and quotes", () => {
  const csv = buildTable("", columns, [
    [{ run: 'a, "b"', share: 1 / 3, count: 7 }],
    [{ run: "c", share: null, count: 7 }],
  ]).toCsv();
  assertEquals(
    csv,
    'run,share,share_low,share_high,count,seeds\n"a, ""b""",33.33,23.33,100.00,7,1\nc,,,,7,1\n',
  );
});

Deno.test("a figure that was not measured is a dash, never a zero, and HTML is escaped", () => {
  const table = buildTable("<b>", columns, [[{ run: "<i>", share: NaN, count: 1 }]]);
  assertEquals(table.rows[0]![1], "–");
  assertStringIncludes(table.toHtml(), "&lt;i&gt;");
  assert(!table.toHtml().includes("<b>"));
});

Deno.test("a table never mixes profiles or stand-ins with real images", () =>
  withFolder(async (folder) => {
    const quick = await inventRun(`${folder}/a`);
    const standard = await inventRun(`${folder}/b`, { profile: "standard" });
    const real = await inventRun(`${folder}/c`, { id: "svhn-ls", source: "real-subset" });
    assertThrows(() => trainingTable([quick, standard]), RangeError, "quick and standard");
    assertThrows(() => trainingTable([quick, real]), RangeError, "kind of data");
    assertThrows(() => trainingTable([]), RangeError, "none");
  }));

Deno.test("seeds of an id share a row; the same seed twice counts once", () =>
  withFolder(async (folder) => {
    const zero = await inventRun(`${folder}/a`, { right: 60 });
    const one = await inventRun(`${folder}/b`, { seed: 1, right: 64 });
    const groups = groupBySeed([zero, one, zero]);
    assertEquals(groups.map((group) => group.map(({ seed }) => seed)), [[0, 1]]);
    const cell = trainingTable([zero, one]).rows[0]![8];
    assertEquals(cell, "77.50 ± 3.54 (n = 2)"); // 60/80 and 64/80
  }));

Deno.test("the tables hold the numbers of their runs", () =>
  withFolder(async (folder) => {
    const svhn = await inventRun(`${folder}/a`, { right: 60 });
    const cifar = await inventRun(`${folder}/b`, { id: "cifar-base", right: 40, robust: 8 });
    const training = trainingTable([svhn, cifar]);
    assertEquals(training.rows.map((row) => row[0]), ["svhn-baseline", "cifar-base"]);
    assertEquals(training.rows[0]!.slice(6, 8), ["80.00", "70.00"]); // of the best epoch
    assertStringIncludes(training.rows[0]![8]!, "75.00 [64.52, 83.19]"); // Wilson, 60 of 80
    const domains = crossDomainTable([svhn]).rows[0]!;
    assertStringIncludes(domains[2]!, "75.00");
    assertStringIncludes(domains[4]!, "37.50");
    assertEquals(domains[6], "37.50");
    assertEquals(domainTable([svhn]).rows[0]!.slice(2), [
      "0.2500",
      "0.3750",
      "0.6250",
      "0.7500",
      "1.0000",
    ]);
    assertThrows(() => crossDomainTable([cifar]), RangeError, "cifar-base");
    const robust = robustnessTable([cifar]).rows[0]!;
    assertStringIncludes(robust[5]!, "20.00"); // PGD: 8 of 40
    assertEquals(robust.slice(7, 10), ["–", "–", "–"]);
    assertStringIncludes(robust[10]!, "20.00"); // worst case of noise, FGSM, PGD
    assertEquals(robust[12], "1 of 1");
    // J = R + R_PGD + ECE: 0.5 + 0.8 + ECE, without a domain gap.
    const objective = objectiveTable([cifar]).rows[0]!;
    assertEquals(objective[5], "–");
    assertEquals(objective[6], (0.5 + 0.8 + cifar.metrics.ece).toFixed(4));
    assertEquals(calibrationTable([svhn]).rows[0]![4], (100 * svhn.metrics.ece).toFixed(2));
    assertEquals(shiftTable([svhn]).rows.map((row) => row[1]), ["svhn test", "shift to mnist"]);
    assertEquals(fineTuningTable([svhn]).rows[0]!.slice(1, 6), [
      "random weights",
      "all layers",
      "100",
      "2",
      "2",
    ]);
    assertEquals(representationTable([svhn]).rows[0]!.slice(3, 5), ["0.250", "0.750"]);
    assertEquals(maskingTable(cifar).rows[0]!.slice(0, 2), ["noise is weaker", "yes"]);
  }));

Deno.test("the class risks add up to the risk", () =>
  withFolder(async (folder) => {
    const run = await inventRun(`${folder}/a`, { right: 60 });
    const table = classRiskTable(run);
    assertStringIncludes(table.caption, "= 0.2500");
    const sum = table.rows.reduce((total, row) => total + Number(row[4]), 0);
    assertEquals(sum.toFixed(4), "0.2500");
    assertThrows(() => classRiskTable(run, "cifar10-test"), RangeError, "svhn-test, mnist-test");
  }));

Deno.test("the summaries are four files: percentages with two decimals, JSON in full precision", () =>
  withFolder(async (folder) => {
    const runs = [
      await inventRun(`${folder}/a`, { n: 90, right: 60 }),
      await inventRun(`${folder}/b`, { id: "cifar-base", right: 40 }),
    ];
    const written = await writeSummaries(runs, join(folder, "out"));
    assertEquals(written.map((path) => path.split(/[\\/]/).at(-1)), [
      "training_summary.csv",
      "cross_domain_summary.csv",
      "robustness_summary.csv",
      "metrics_summary.json",
    ]);
    const training = await Deno.readTextFile(written[0]!);
    const [names, first] = training.split("\n").map((line) => line.split(","));
    assertEquals(first![names!.indexOf("test_accuracy")], "66.67");
    const robustness = (await Deno.readTextFile(written[2]!)).trim().split("\n");
    assertEquals(robustness.length, 1 + 2 * (6 + 2)); // six attacked points and two worst cases each
    const json = JSON.parse(await Deno.readTextFile(written[3]!));
    assertEquals(json.runs[0].evaluations[0].overSeeds.accuracy, { mean: 60 / 90, sd: null, n: 1 });
    assertEquals(json.schema, 1);
    const [, crossDomain] = await writeSummaries([runs[1]!], join(folder, "alone"));
    assertEquals((await Deno.readTextFile(crossDomain!)).trim().split("\n").length, 1);
    assertEquals(metricsSummaryJson(runs), await Deno.readTextFile(written[3]!));
  }));
