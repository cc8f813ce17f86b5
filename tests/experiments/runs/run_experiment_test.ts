import { join } from "node:path";
import { experimentMatrix } from "../../../lib/experiments/specs/matrix.ts";
import { runAll } from "../../../lib/experiments/run_experiment.ts";
import { numericsVersion } from "../../../lib/experiments/runs/numerics_version.ts";
import { runExperiment } from "../../../lib/experiments/run_experiment.ts";
import { gridChart } from "../../../lib/experiments/views/saved_grid.ts";
import { dataProvider, sourceFor } from "../../../lib/experiments/runs/data_provider.ts";
import { publishedPaths } from "../../../lib/experiments/records/run_paths.ts";
import { runCharts } from "../../../lib/experiments/views/charts.ts";
import { publishRuns } from "../../../lib/experiments/report/publish.ts";
import type { RunSpec } from "../../../lib/experiments/specs/run_spec.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../../lib/assert/mod.ts";
import { withFolder } from "../synthetic_run.ts";
import { tiny } from "../tiny_spec.ts";

const matrix = experimentMatrix("quick").map(tiny);
const named = (id: string) => matrix.find((spec) => spec.id === id)!;
const quiet = { show() {}, keep() {}, stop() {} };

async function filesOf(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).sort();
}

Deno.test("a run writes every file of the contract, and the second call computes nothing", () =>
  withFolder(async (root) => {
    const stages = new Set<string>();
    const spec = named("svhn-baseline");
    const options = {
      root,
      matrix,
      onProgress: ({ stage }: { stage: string }) => stages.add(stage),
    };
    const first = await runExperiment(spec, options);
    assertEquals([first.cached, first.published, stages.size], [false, false, 2]);
    const files = await filesOf(first.directory);
    const expected = [
      "best.safetensors",
      "last.safetensors",
      "config.json",
      "training_history.json",
      "training_history.csv",
      "training_curves.svg",
      "training_curves.png",
      "svhn-test.metrics.json",
      "mnist-test.metrics.json",
      ...runCharts.flatMap((
        { name: chart },
      ) => [`svhn-test.${chart}.svg`, `svhn-test.${chart}.png`]),
    ];
    for (const name of expected) assert(files.includes(name), `${name} is missing`);
    assert(files.some((name) => name.startsWith("events.out.tfevents")));
    assert(files.every((name) => !name.endsWith(".tmp")));

    for (const name of files.filter((name) => name.endsWith(".svg"))) {
      const svg = await Deno.readTextFile(join(first.directory, name));
      const seen = [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text).join(" ");
      assertStringIncludes(seen, "procedural stand-in", name);
    }

    const config = JSON.parse(await Deno.readTextFile(join(first.directory, "config.json")));
    assertEquals([config.schema, config.seed, config.source], [1, 0, "procedural"]);
    assertEquals([config.spec, config.numericsVersion], [spec, numericsVersion]);
    const { provenance } = first.metrics;
    assertEquals([provenance.hash, provenance.numericsVersion], [config.hash, numericsVersion]);
    assertEquals(provenance.data, config.data.test);
    assertMatch(config.data.test.sha256, /^[0-9a-f]{64}$/);
    assertEquals(provenance.versions["deno"], Deno.version.deno);
    assertStringIncludes(first.directory, config.hash.slice(0, 8));
    assertEquals(first.metrics.n, 24);
    assertEquals(first.metrics.robustnessSweep.length, 3 * spec.evaluation.epsilons.length);
    assertEquals(first.record.evaluations.get("mnist-test")?.robustnessSweep, []);
    assert(first.record.evaluations.get("mnist-test")?.domain !== null);
    assertStringIncludes((await gridChart(first.record)).svg, "<svg");

    const unseen = () => assert(false, "a cached run reports no progress");
    const second = await runExperiment(spec, { root, matrix, onProgress: unseen });
    assertEquals(second.cached, true);
    assertEquals(second.metrics, first.metrics);

    // A committed record is a hit where the run directory is gone.
    await publishRuns([first.record], root);
    await Deno.remove(join(root, "data", "runs"), { recursive: true });
    const third = await runExperiment(spec, { root, matrix });
    assertEquals([third.cached, third.published], [true, true]);
    assertEquals(third.directory, join(publishedPaths(root).records, "svhn-baseline-s0"));
    assertEquals(third.metrics, first.metrics);
  }));

Deno.test("a run that lost or damaged its files is made again, with the same figures", () =>
  withFolder(async (root) => {
    const { transferTo: _, ...evaluation } = named("mnist-train").evaluation;
    const light = { adaptBatchNorm: false, attackImages: 0, mapImages: 0, gridImages: 0 };
    const spec = { ...named("mnist-train"), evaluation: { ...evaluation, ...light } };
    const first = await runExperiment(spec, { root, matrix });
    const figures = ({ history, metrics }: typeof first) => [
      history.epochs.map(({ trainLoss, validationLoss }) => [trainLoss, validationLoss]),
      metrics.nll,
    ];
    const path = (name: string) => join(first.directory, name);
    const metrics = path("mnist-test.metrics.json");
    const faults: (() => Promise<void>)[] = [
      async () => {
        const text = await Deno.readTextFile(metrics);
        await Deno.writeTextFile(metrics, text.replace(/"bins": \d/, '"bins": 9'));
      },
      () => Deno.remove(path("mnist-test.predictions.safetensors")),
      async () => {
        await Deno.remove(metrics);
        await Deno.remove(path("best.safetensors"));
      },
    ];
    for (const damage of faults) {
      await damage();
      const again = await runExperiment(spec, { root, matrix });
      assertEquals([again.cached, again.directory], [false, first.directory]);
      assertEquals(figures(again), figures(first));
      assertEquals((await runExperiment(spec, { root, matrix })).cached, true);
    }
  }));

Deno.test("an interrupted run goes on after its last epoch and ends as an unbroken one", () =>
  withFolder(async (root) => {
    const spec = {
      ...named("cifar-base"),
      evaluation: { ...named("cifar-base").evaluation, attackImages: 0 },
    };
    const stop = new AbortController();
    const onProgress = ({ fraction }: { fraction: number }) => {
      if (fraction >= 0.5) stop.abort();
    };
    const interrupted = { root, matrix, onProgress, signal: stop.signal };
    await assertRejects(() => runExperiment(spec, interrupted), DOMException);
    const resumed = await runExperiment(spec, { root, matrix });
    const whole = await runExperiment(spec, { root: join(root, "other"), matrix });
    assertEquals(resumed.cached, false);
    const figures = ({ history, metrics }: typeof whole) => [
      history.epochs.map(({ trainLoss, validationLoss }) => [trainLoss, validationLoss]),
      metrics.nll,
    ];
    assertEquals(figures(resumed), figures(whole));
  }));

Deno.test("a run from another run's encoder makes that one first; another evaluation trains no more", () =>
  withFolder(async (root) => {
    const light = (id: string): RunSpec => {
      const { transferTo: _, ...evaluation } = named(id).evaluation;
      return {
        ...named(id),
        evaluation: {
          ...evaluation,
          adaptBatchNorm: false,
          attackImages: 0,
          mapImages: 0,
          gridImages: 0,
        },
      };
    };
    const runs = ["mnist-train", "mnist-to-svhn-probe"].map(light);
    const made = await runExperiment(runs[1]!, { root, matrix: runs });
    assertStringIncludes(made.record.config.encoder!.description, "encoder of mnist-train");
    assertEquals(made.record.config.trainImages, 30);
    const encoder = await runExperiment(runs[0]!, { root, matrix: runs });
    assertEquals(encoder.cached, true);
    assertEquals(made.record.config.normalisation, encoder.record.config.normalisation);
    assertEquals(made.record.config.encoder!.digest, encoder.record.config.trainingHash);

    const trained: string[] = [];
    const again = { ...runs[0]!, evaluation: { ...runs[0]!.evaluation, bins: 10 } };
    const onProgress = ({ stage }: { stage: string }) => trained.push(stage);
    const [other] = await runAll([again], { root, matrix: runs, onProgress, line: quiet });
    assertEquals(other!.cached, false);
    assertEquals(trained.includes("training"), false);
    assertNotEquals(other!.directory, encoder.directory);
    const events = (await filesOf(other!.directory)).filter((name) => name.includes(".tfevents."));
    assertEquals(events.length, 1);
    assertEquals(other!.metrics.accuracy, encoder.metrics.accuracy);
  }));

Deno.test("of many runs one that fails is told, and the others go on where that is asked for", () =>
  withFolder(async (root) => {
    const lost = {
      ...named("svhn-pretrained"),
      pretrained: { from: "file", path: "none" } as const,
    };
    const told: string[] = [];
    const onFailure = ({ id }: RunSpec, error: Error) => told.push(`${id}: ${error.message}`);
    const results = await runAll([lost, lost], { root, matrix, line: quiet, onFailure });
    assertEquals(results, []);
    assertEquals(told.length, 2);
    assertStringIncludes(told[0]!, "svhn-pretrained: Cannot read the pretrained weights none");
    await assertRejects(() => runAll([lost], { root, matrix, line: quiet }), Error, "none");
    const signal = AbortSignal.abort();
    await assertRejects(() => runAll([lost], { root, matrix, line: quiet, onFailure, signal }));
  }));

Deno.test("quick takes stand-ins unless a directory is named, which must then hold the files", () =>
  withFolder(async (root) => {
    const { data } = named("svhn-baseline");
    assertEquals(sourceFor({ profile: "quick", data }, undefined), "procedural");
    assertEquals(sourceFor({ profile: "standard", data }, undefined), "auto");
    assertEquals(sourceFor({ profile: "quick", data }, root), "real");
    const run = () => runExperiment(named("svhn-baseline"), { root, dataDirectory: root });
    await assertRejects(run, Error, "train_32x32.mat");
    assertEquals(await filesOf(root), []);
  }));

Deno.test("a session refuses a data folder that is none before anything is run", () =>
  withFolder((folder) => {
    const none = join(folder, "none");
    assertThrows(() => dataProvider(none), Error, `at ${none}`);
    assertEquals(dataProvider(folder).directory, folder);
    return Promise.resolve();
  }));
