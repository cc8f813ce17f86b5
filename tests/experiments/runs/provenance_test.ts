/** Where numbers come from: what the cache trusts, what result files and figures say of their data. */
import { join } from "node:path";
import { removeChecksums } from "../../../lib/experiments/records/checksums.ts";
import { findRun } from "../../../lib/experiments/runs/_cache.ts";
import { specById } from "../../../lib/experiments/specs/matrix.ts";
import {
  loadRecord,
  publishRecord,
  type RunRecord,
  sealRecord,
} from "../../../lib/experiments/records/record.ts";
import * as charts from "../../../lib/experiments/mod.ts";
import { publishedPaths, runDirectory } from "../../../lib/experiments/records/run_paths.ts";
import type { Chart } from "../../../lib/plots/chart.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "../../../lib/assert/mod.ts";
import { warningsOf } from "../../warnings.ts";
import { inventRun, withFolder } from "../synthetic_run.ts";

const hash = "0123456789abcdef".repeat(4);

/** Changes the text of a file; the digests are taken away, so that this alone is wrong. */
async function change(directory: string, file: string, from: RegExp, to: string): Promise<void> {
  await removeChecksums(directory);
  const path = join(directory, file);
  const text = await Deno.readTextFile(path);
  assert(from.test(text), `${file} has no ${from}`);
  await Deno.writeTextFile(path, text.replace(from, to));
}

const older = (file: string) => (directory: string) =>
  change(directory, file, /"schema":\s*[12]/, '"schema": 0');
const without = (file: string) => (directory: string) => Deno.remove(join(directory, file));

/** What may be wrong with a cache entry, and what must be said. */
const faults: readonly [
  what: string,
  damage: (directory: string) => Promise<void>,
  says: string,
][] = [
  [
    "of another hash",
    (directory) =>
      change(
        directory,
        "config.json",
        new RegExp(`"hash":"${hash}"`),
        `"hash":"${"f".repeat(64)}"`,
      ),
    "hash ffffffff instead of 01234567",
  ],
  [
    "whose metrics are of another hash",
    (directory) => change(directory, "svhn-test.metrics.json", new RegExp(hash), "f".repeat(64)),
    "other settings",
  ],
  ["with a config of an older schema", older("config.json"), "expected schema 1 but found 0"],
  ["with a history of an older schema", older("training_history.json"), "expected schema 1"],
  ["with metrics of an older schema", older("svhn-test.metrics.json"), "expected schema 1 or 2"],
  ["without its history", without("training_history.json"), "no training_history.json"],
  ["without its metrics", without("svhn-test.metrics.json"), "no svhn-test.metrics.json"],
  ["without the metrics of the other domain", without("mnist-test.metrics.json"), "no mnist-test"],
  ["without its predictions", without("svhn-test.predictions.safetensors"), "no svhn-test.predic"],
  [
    "with a changed digit",
    async (directory) => {
      const sums = await Deno.readTextFile(join(directory, "SHA256SUMS"));
      await change(
        directory,
        "svhn-test.metrics.json",
        /"inputGradientNorm": 0\.\d/,
        '"inputGradientNorm": 0.9',
      );
      await Deno.writeTextFile(join(directory, "SHA256SUMS"), sums);
    },
    "does not match its SHA-256",
  ],
  [
    "whose metrics are not about the images of its predictions",
    (directory) => change(directory, "svhn-test.metrics.json", /"n": 80/, '"n": 81'),
    "about 81 images",
  ],
];

const spec = specById("quick", "svhn-baseline");

/** What is said while the run is not found. */
async function saidWithoutRun(root: string, weights?: boolean): Promise<string> {
  const said = await warningsOf(async () =>
    assertEquals(await findRun(root, spec, hash, weights), undefined)
  );
  return said.join("\n");
}

for (const [what, damage, says] of faults) {
  Deno.test(`a cached run ${what} is named and not used`, () =>
    withFolder(async (root) => {
      const directory = runDirectory(root, spec, hash);
      await sealRecord(await inventRun(directory, { hash }));
      assertEquals((await findRun(root, spec, hash))?.published, false);
      await damage(directory);
      const said = await saidWithoutRun(root);
      assertStringIncludes(said, directory);
      assertStringIncludes(said, says);
    }));

  Deno.test(`a published record ${what} is named and not used`, () =>
    withFolder(async (root) => {
      const run = await inventRun(join(root, "elsewhere"), { hash });
      const directory = await publishRecord(run, publishedPaths(root).records);
      assertEquals((await findRun(root, spec, hash))?.published, true);
      await damage(directory);
      const said = await saidWithoutRun(root);
      assertStringIncludes(said, directory);
      assertStringIncludes(said, says);
    }));
}

Deno.test("a cached run that lost its weights does not count where weights are needed", () =>
  withFolder(async (root) => {
    const directory = runDirectory(root, spec, hash);
    await inventRun(directory, { hash });
    assert(await findRun(root, spec, hash));
    const said = await saidWithoutRun(root, true);
    assertStringIncludes(said, join(directory, "best.safetensors"));
  }));

Deno.test("a published record of another profile is another run, and nothing is said", () =>
  withFolder(async (root) => {
    const run = await inventRun(join(root, "elsewhere"), { profile: "standard" });
    await publishRecord(run, publishedPaths(root).records);
    assertEquals(await saidWithoutRun(root), "");
  }));

Deno.test("a record keeps its kernel table", () =>
  withFolder(async (root) => {
    const { directory } = await inventRun(join(root, "named"));
    const named = `"kernels": "tuned-0123abcd", "hardware":`;
    await change(directory, "svhn-test.metrics.json", /"hardware":/, named);
    assertEquals((await loadRecord(directory))!.metrics.provenance.kernels, "tuned-0123abcd");
  }));

Deno.test("an older record keeps whether oneDNN was on, and one without it still loads", () =>
  withFolder(async (root) => {
    for (const oneDnn of [undefined, true, false]) {
      const { directory } = await inventRun(join(root, String(oneDnn)));
      const field = oneDnn === undefined ? "" : `"oneDnn": ${oneDnn}, `;
      await change(directory, "svhn-test.metrics.json", /"hardware":/, `${field}"hardware":`);
      const record = await loadRecord(directory);
      assertEquals(record!.metrics.provenance.oneDnn, oneDnn);
    }
  }));

/** The text that is seen in a chart: not its title or label for machines. */
function visibleText({ svg }: Chart): string {
  const texts = svg.matchAll(/<text[^>]*>([^]*?)<\/text>/g);
  return [...texts].map(([, text]) => text!.replace(/<[^>]*>/g, " ")).join(" ");
}

const chartsOfRuns: Readonly<Record<string, (run: RunRecord) => Promise<Chart>>> = {
  curvesChart: charts.curvesChart,
  "curvesChart of several runs": (run) => charts.curvesChart([run, { ...run, id: "other" }]),
  mapChart: charts.mapChart,
  domainMapChart: charts.domainMapChart,
  confusionChart: charts.confusionChart,
  perClassChart: charts.perClassChart,
  reliabilityChart: (run) => charts.reliabilityChart(run, { scaled: true }),
  coverageChart: charts.coverageChart,
  "coverageChart of several runs": (run) => charts.coverageChart([run, { ...run, id: "other" }]),
  robustnessChart: charts.robustnessChart,
  iterationChart: charts.iterationChart,
  minimumEpsilonChart: charts.minimumEpsilonChart,
  accuracyChart: (run) => charts.accuracyChart([run]),
  learningCurveChart: (run) => charts.learningCurveChart([run]),
};

for (const [name, draw] of Object.entries(chartsOfRuns)) {
  Deno.test(`${name} says on its face where its images come from`, () =>
    withFolder(async (root) => {
      for (const source of ["procedural", "real-subset"] as const) {
        const run = await inventRun(join(root, source), { source });
        assertStringIncludes(visibleText(await draw(run)), source);
      }
    }));
}

Deno.test("a picture from disk that could act in a page is refused", () =>
  withFolder(async (root) => {
    const run = await inventRun(join(root, "run"));
    const path = join(run.directory, "svhn-test.grid.svg");
    const svg = (inside: string) => `<svg xmlns="http://www.w3.org/2000/svg">${inside}</svg>`;
    await Deno.writeTextFile(path, svg("<text>procedural</text>"));
    assertStringIncludes((await charts.gridChart(run)).svg, "procedural");
    for (
      const inside of [
        "<script>alert(1)</script>",
        '<rect onload="alert(1)"/>',
        '<a href="javascript:alert(1)">x</a>',
        "<foreignObject><iframe/></foreignObject>",
      ]
    ) {
      await Deno.writeTextFile(path, svg(inside));
      await assertRejects(() => charts.gridChart(run), Error, path);
    }
  }));
