import { join } from "node:path";
import { generator } from "../../../lib/random/generator.ts";
import fc from "fast-check";
import { findRun, findTraining } from "../../../lib/experiments/runs/_cache.ts";
import { packBits, unpackBits } from "../../../lib/experiments/records/complete_evaluation.ts";
import { specById } from "../../../lib/experiments/specs/matrix.ts";
import {
  readPredictions,
  writePredictions,
} from "../../../lib/experiments/records/predictions_file.ts";
import { publishRuns, redrawPublished } from "../../../lib/experiments/report/publish.ts";
import { loadRecord, loadRecords, publishRecord } from "../../../lib/experiments/records/record.ts";
import {
  accuracyChart,
  coverageChart,
  curvesChart,
  minimumEpsilonChart,
  robustnessChart,
} from "../../../lib/experiments/views/comparison_charts.ts";
import {
  confusionChart,
  domainMapChart,
  iterationChart,
  mapChart,
  perClassChart,
  reliabilityChart,
} from "../../../lib/experiments/views/charts.ts";
import { gridChart } from "../../../lib/experiments/views/saved_grid.ts";
import {
  checkoutRoot,
  publishedPaths,
  runDirectory,
} from "../../../lib/experiments/records/run_paths.ts";
import { openLab, publishedRun, thisRun } from "../../../lib/experiments/lab_session.ts";
import { statement } from "../../../lib/experiments/views/statement.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../../lib/assert/mod.ts";
import { inventPredictions, inventRun, withFolder } from "../synthetic_run.ts";

const hash = "0123456789abcdef".repeat(4);

Deno.test("bits survive packing, and a wrong count is refused", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1 }), (bits) => {
    assertEquals([...unpackBits(packBits(bits), bits.length)], bits);
  }));
  assertThrows(() => unpackBits("ff", 9), RangeError, "9 bits");
});

Deno.test("predictions survive the file bit for bit, and damage is named", () =>
  withFolder(async (folder) => {
    const path = join(folder, "p.safetensors");
    const predictions = inventPredictions(20, 15);
    const nothing = {
      attacked: undefined,
      map: undefined,
      attackedMap: undefined,
      domainMap: undefined,
    };
    await writePredictions(path, { ...nothing, predictions, attacked: predictions });
    const read = await readPredictions(path);
    assertEquals(read.predictions.logits, predictions.logits);
    assertEquals([...read.attacked!.labels as Int32Array], [...predictions.labels as Int32Array]);
    assertEquals(read.map, undefined);
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(path, bytes);
    await assertRejects(() => readPredictions(path), Error, path);
  }));

Deno.test("held-out and adapted logits, traces and the basis of a map survive the file", () =>
  withFolder(async (folder) => {
    const path = join(folder, "p.safetensors");
    const predictions = inventPredictions(20, 15);
    const [heldOut, adapted] = [inventPredictions(10, 5, 1), inventPredictions(20, 9, 2)];
    const { uniform } = generator(3);
    const drawn = (n: number) => new Float32Array(n).map(() => uniform());
    const basis = { mean: drawn(6), components: drawn(12), projected: drawn(8) };
    const map = {
      coordinates: drawn(8),
      labels: Uint8Array.of(0, 1, 2, 3),
      domains: new Uint8Array(4),
      method: "invented",
      basis,
    };
    const traces = {
      indices: Int32Array.of(3, 0, 19),
      probabilities: new Map([["fgsm", drawn(2 * 3 * 10)], ["pgd", drawn(2 * 3 * 10)]]),
    };
    const none = { attacked: undefined, attackedMap: undefined, domainMap: undefined };
    await writePredictions(path, { ...none, predictions, heldOut, adapted, map, traces });
    const read = await readPredictions(path);
    assertEquals(read.heldOut!.logits, heldOut.logits);
    assertEquals(read.adapted!.logits, adapted.logits);
    assertEquals(read.traces, traces);
    // Half precision: the nearest of the numbers with eleven significant bits.
    const half = (values: Float32Array) => values.map((value) => Math.f16round(value));
    assertEquals(read.map!.basis, {
      mean: half(basis.mean),
      components: half(basis.components),
      projected: half(basis.projected),
    });
    const wrong = { ...traces, indices: Int32Array.of(3, 0, 20) };
    await writePredictions(path, { ...none, predictions, map: undefined, traces: wrong });
    await assertRejects(() => readPredictions(path), Error, "below 20");
  }));

Deno.test("a record needs all its files: without one the run is not finished", () =>
  withFolder(async (folder) => {
    const run = await inventRun(join(folder, "run"));
    assertEquals([...run.evaluations.keys()], ["svhn-test", "mnist-test"]);
    assertEquals(run.metrics.dataset, "svhn");
    for (
      const name of [
        "svhn-test.metrics.json",
        "mnist-test.metrics.json",
        "training_history.json",
        "config.json",
      ]
    ) {
      const path = join(run.directory, name);
      const text = await Deno.readTextFile(path);
      await Deno.remove(path);
      assertEquals(await loadRecord(run.directory), undefined);
      await Deno.writeTextFile(path, text.slice(0, 20));
      await assertRejects(() => loadRecord(run.directory), Error, name);
      await Deno.writeTextFile(path, text);
    }
    assert(await loadRecord(run.directory));
  }));

Deno.test("metrics left from another evaluation in the same directory do not count", () =>
  withFolder(async (folder) => {
    const run = await inventRun(join(folder, "run"));
    const path = join(run.directory, "svhn-test.metrics.json");
    const metrics = JSON.parse(await Deno.readTextFile(path));
    metrics.provenance.hash = "f".repeat(64);
    await Deno.writeTextFile(path, JSON.stringify(metrics));
    assertEquals(await loadRecord(run.directory), undefined);
  }));

Deno.test("a run is found by its hash: in its directory, or as a committed record without weights", () =>
  withFolder(async (root) => {
    const spec = specById("quick", "svhn-baseline");
    const directory = runDirectory(root, spec, hash);
    assertEquals(await findRun(root, spec, hash), undefined);
    const run = await inventRun(directory, { hash });
    assertEquals((await findRun(root, spec, hash))?.published, false);
    assertEquals(await findRun(root, spec, "f".repeat(64)), undefined);
    await publishRecord(run, publishedPaths(root).records);
    await Deno.remove(directory, { recursive: true });
    const found = await findRun(root, spec, hash);
    assertEquals(found?.published, true);
    assertEquals(found?.record.metrics, run.metrics);
    assertEquals(await findRun(root, spec, hash, true), undefined);
    assertEquals(await findRun(root, spec, "f".repeat(64)), undefined);
  }));

Deno.test("a training is found again for another evaluation of the same run", () =>
  withFolder(async (root) => {
    const spec = specById("quick", "svhn-baseline");
    const trainingHash = "a".repeat(64);
    assertEquals(await findTraining(root, spec, trainingHash), undefined);
    const directory = runDirectory(root, spec, hash);
    await inventRun(directory, { hash, trainingHash });
    await Deno.writeTextFile(join(directory, "best.safetensors"), "weights");
    assertEquals(await findTraining(root, spec, trainingHash), directory);
    assertEquals(await findTraining(root, spec, "b".repeat(64)), undefined);
  }));

Deno.test("every committed record has its digests", async () => {
  const folder = publishedPaths(checkoutRoot()).records;
  for (const { directory } of await loadRecords(folder)) {
    const listed = (await Deno.readTextFile(join(directory, "SHA256SUMS"))).trim().split("\n");
    const files = [...Deno.readDirSync(directory)].map(({ name }) => name);
    assertEquals(
      listed.map((line) => line.slice(66)).sort(),
      files.filter((name) => name !== "SHA256SUMS").sort(),
    );
  }
});

Deno.test("every chart is redrawn from a committed record alone", () =>
  withFolder(async (root) => {
    const made = await inventRun(join(root, "run"), { hash });
    const directory = await publishRecord(made, publishedPaths(root).records);
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
    assertEquals(names, [
      "SHA256SUMS",
      "config.json",
      "mnist-test.metrics.json",
      "mnist-test.predictions.safetensors",
      "svhn-test.metrics.json",
      "svhn-test.predictions.safetensors",
      "training_history.json",
    ]);
    await Deno.remove(made.directory, { recursive: true });
    const [run] = await openLab({ root, seeds: [0], profile: "quick" }).published([
      "svhn-baseline",
    ]);
    const charts = await Promise.all([
      curvesChart(run!),
      mapChart(run!),
      domainMapChart(run!),
      confusionChart(run!, "mnist-test"),
      perClassChart(run!),
      reliabilityChart(run!, { scaled: true }),
      coverageChart(run!),
      robustnessChart(run!),
      iterationChart(run!),
      minimumEpsilonChart(run!),
      accuracyChart([run!]),
    ]);
    for (const chart of charts) assertStringIncludes(chart.svg, "svhn");
    await assertRejects(
      () => reliabilityChart(run!, { name: "mnist-test", scaled: true }),
      RangeError,
      "temperature",
    );
    await assertRejects(() => gridChart(run!, root), Error, "No example grid");
    await assertRejects(() => openLab({ root }).model(run!), Error, "committed record");
  }));

Deno.test("publishing writes records, summaries and figures, and refuses a second profile", () =>
  withFolder(async (root) => {
    const base = await inventRun(join(root, "a"), { id: "cifar-base", robust: 3, hash });
    const trained = await inventRun(join(root, "b"), { id: "cifar-pgd-at", robust: 20 });
    await publishRuns([base], root);
    await publishRuns([trained], root);
    const { results, records, figures } = publishedPaths(root);
    assertEquals((await loadRecords(records)).map(({ id }) => id), ["cifar-base", "cifar-pgd-at"]);
    const csv = await Deno.readTextFile(join(results, "training_summary.csv"));
    assertEquals(csv.trim().split("\n").length, 3);
    assert((await Deno.stat(join(figures, "compare.robustness.png"))).isFile);
    assert((await Deno.stat(join(figures, "cifar-base-s0.training_curves.svg"))).isFile);
    await Deno.remove(figures, { recursive: true });
    assertEquals(await redrawPublished(root), 2);
    assert((await Deno.stat(join(figures, "compare.robustness.png"))).isFile);
    assert((await Deno.stat(join(figures, "cifar-pgd-at-s0.cifar10-test.umap.svg"))).isFile);
    await assertRejects(() => redrawPublished(join(root, "empty")), RangeError, "found none");
    const other = await inventRun(join(root, "c"), { profile: "standard" });
    await assertRejects(() => publishRuns([other], root), RangeError, "quick and standard");
  }));

Deno.test("the notebook's blocks say which runs they speak of", () =>
  withFolder(async (folder) => {
    const run = await inventRun(join(folder, "run"));
    const sentence = statement({ label: "a", correct: 8, n: 10 }, {
      label: "b",
      correct: 2,
      n: 10,
    });
    const block = thisRun([run], sentence).text;
    assertStringIncludes(block, "**This run** (svhn test, 80 images, procedural");
    assertStringIncludes(block, sentence.text);
    assertStringIncludes(publishedRun([]).text, "No run of this kind has been published yet");
    assertStringIncludes(publishedRun([run], sentence).text, "**Published run**");
  }));

Deno.test("the lab reads its profile and seeds from the environment and refuses wrong ones", () => {
  const before = ["LAB_PROFILE", "LAB_SEEDS", "LAB_DATA"].map((name) =>
    [name, Deno.env.get(name)] as const
  );
  try {
    Deno.env.delete("LAB_DATA");
    Deno.env.set("LAB_PROFILE", "standard");
    Deno.env.set("LAB_SEEDS", "0,2");
    const lab = openLab();
    assertEquals([lab.profile, lab.seeds], ["standard", [0, 2]]);
    Deno.env.set("LAB_SEEDS", "0,x");
    assertThrows(() => openLab(), RangeError, "LAB_SEEDS");
    Deno.env.set("LAB_SEEDS", "");
    Deno.env.set("LAB_PROFILE", "slow");
    assertThrows(() => openLab(), RangeError, "LAB_PROFILE");
  } finally {
    for (const [name, value] of before) {
      value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    }
  }
});
