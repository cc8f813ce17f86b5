/** Names from data are text in charts, tables and pages, never markup. */
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { writeIndexPage } from "../../lib/experiments/report/index_page.ts";
import type { Table } from "../../lib/experiments/views/table.ts";
import * as lab from "../../lib/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../../lib/assert/mod.ts";
import { inventRun, withFolder } from "../experiments/synthetic_run.ts";
import { CONFUSION, gridInput, history, predictions, sweep } from "../plots/samples.ts";

const EVIL = `<script>alert("x")</script><img src=x onerror='alert(1)'>&`;

/** Requires that the name is in a page, and only as text. */
function requireText(page: string, what: string): void {
  assertStringIncludes(page, "&lt;script", `${what} does not show the name at all`);
  const { document } = parseHTML(`<body>${page}</body>`);
  const active = [...document.querySelectorAll("script, [onerror]")];
  assertEquals(active.map((element) => element.outerHTML), [], what);
}

const titled = { title: EVIL, subtitle: EVIL };
const classNames = Array.from({ length: 10 }, (_, k) => k === 3 ? EVIL : `${k}`);
const cloud = { coordinates: [0, 1, 1, 0, 2, 2], labels: [3, 1, 2], method: EVIL };
const point = { size: 100, accuracy: 0.5, low: 0.4, high: 0.6 };

const named = sweep(1, ["pgd"]).map((one) => ({ ...one, attack: EVIL }));

/** Every chart with that name wherever it takes a text. */
const charts: Readonly<Record<string, () => lab.Chart>> = {
  trainingCurves: () => lab.trainingCurves({ [EVIL]: history(3), other: history(3) }, titled),
  featureMap: () => lab.featureMap(cloud, { ...titled, classNames }),
  "featureMap of domains": () =>
    lab.featureMap({ ...cloud, domains: [0, 1, 0] }, { ...titled, domainNames: [EVIL, "b"] }),
  exampleGrid: () => {
    const { rows, labels } = gridInput();
    const input = { labels, rows: rows.map((row) => ({ ...row, name: EVIL })) };
    return lab.exampleGrid(input, { ...titled, classNames, perturbation: EVIL, note: EVIL });
  },
  confusionHeatmap: () => lab.confusionHeatmap(CONFUSION, { ...titled, classNames }),
  perClassBars: () => lab.perClassBars({ [EVIL]: CONFUSION }, { ...titled, classNames }),
  reliabilityDiagram: () =>
    lab.reliabilityDiagram({ [EVIL]: predictions(50), b: predictions(50) }, titled),
  confidenceCoverage: () => lab.confidenceCoverage({ [EVIL]: predictions(50) }, titled),
  robustnessCurve: () => lab.robustnessCurve({ [EVIL]: named }, titled),
  iterationCurve: () =>
    lab.iterationCurve({
      [EVIL]: { points: [{ steps: 1, n: 9, accuracy: 1 }, { steps: 2, n: 9, accuracy: 0 }] },
    } as never, titled),
  minimumEpsilonDistribution: () =>
    lab.minimumEpsilonDistribution({ [EVIL]: [0, 0.1, Infinity] }, titled),
  learningCurve: () => lab.learningCurve({ [EVIL]: [point, { ...point, size: 200 }] }, titled),
  barsWithIntervals: () =>
    lab.barsWithIntervals([{ name: EVIL, series: EVIL, value: 0.5 }], { ...titled, label: EVIL }),
  checksTable: () => lab.checksTable([{ name: EVIL, passed: false, detail: EVIL }], titled),
};

for (const [name, draw] of Object.entries(charts)) {
  Deno.test(`${name} shows a name that looks like markup as text`, () => {
    requireText(draw().svg, name);
  });
}

/** A run whose texts all look like markup. */
async function evilRun(folder: string): Promise<lab.RunRecord> {
  const run = await inventRun(folder);
  const evil = <T extends lab.RunRecord["metrics"]>(evaluation: T): T => ({
    ...evaluation,
    run: EVIL,
    description: EVIL,
    classNames: evaluation.classNames.map(() => EVIL),
    maskingChecks: [{ name: EVIL, passed: false, detail: EVIL }],
    robustnessSweep: evaluation.robustnessSweep.map((one) => ({ ...one, attack: EVIL })),
  });
  return {
    ...run,
    id: EVIL,
    config: { ...run.config, id: EVIL, description: EVIL },
    evaluations: new Map([...run.evaluations].map(([name, one]) => [name, evil(one)])),
    metrics: evil(run.metrics),
  };
}

const tables: Readonly<Record<string, (run: lab.RunRecord) => Table>> = {
  calibrationTable: (run) => lab.calibrationTable([run]),
  classRiskTable: lab.classRiskTable,
  crossDomainTable: (run) => lab.crossDomainTable([run]),
  domainTable: (run) => lab.domainTable([run]),
  maskingTable: lab.maskingTable,
  objectiveTable: (run) => lab.objectiveTable([run]),
  representationTable: (run) => lab.representationTable([run]),
  robustnessTable: (run) => lab.robustnessTable([run]),
  shiftTable: (run) => lab.shiftTable([run]),
  temperatureTable: (run) => lab.temperatureTable([run]),
  trainingTable: (run) => lab.trainingTable([run]),
};

Deno.test("tables and the index page show names that look like markup as text", () =>
  withFolder(async (folder) => {
    const run = await evilRun(join(folder, "run"));
    for (const [name, build] of Object.entries(tables)) requireText(build(run).toHtml(), name);
    const path = join(folder, "html", "index.html");
    await writeIndexPage([run], { root: folder, path, notebooks: [] });
    const page = await Deno.readTextFile(path);
    requireText(page, "the index page");
    assert(page.length > 1000);
  }));
