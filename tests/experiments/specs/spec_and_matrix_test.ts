import { createDataset, type Dataset } from "../../../lib/data/dataset.ts";
import type { DataProvider } from "../../../lib/experiments/runs/data_provider.ts";
import { identifyRun } from "../../../lib/experiments/runs/identify_run.ts";
import { runContext } from "../../../lib/experiments/runs/run_context.ts";
import { canonicalJson } from "../../../lib/format/canonical_json.ts";
import { runHash, trainingHash } from "../../../lib/experiments/runs/_hash.ts";
import { experimentMatrix, specById, withSeed } from "../../../lib/experiments/specs/matrix.ts";
import { chooseRuns } from "../../../lib/experiments/specs/choose_runs.ts";
import {
  parseRunSpec,
  profiles,
  type RunSpec,
  trainingOptions,
} from "../../../lib/experiments/specs/run_spec.ts";
import { evaluationName, runDirectory } from "../../../lib/experiments/records/run_paths.ts";
import {
  group,
  knob,
  type KnobTable,
  number,
  resolveKnobs,
  schemaOf,
  withoutLaterDefaults,
} from "../../../lib/train/knob_definition.ts";
import { circleKnobs, trainKnobs } from "../../../lib/train/knobs.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../../../lib/assert/mod.ts";

/** Section 6 of the design: every one of them is in the standard and in the full profile. */
const required = [
  "svhn-baseline",
  "svhn-no-bn",
  "svhn-ls",
  "svhn-adam",
  "mnist-train",
  "cifar-base",
  "cifar-fgsm-at",
  "cifar-pgd-at",
  "svhn-augment",
  "svhn-dropout",
  "cifar-circle",
  "svhn-circle",
  "mnist-to-svhn-probe",
  "mnist-to-svhn-finetune",
  "mnist-to-svhn-scratch",
  "svhn-pretrained",
  "mnist-pretrained",
];

Deno.test("standard and full hold every run of the matrix, quick a subset of ids", () => {
  const ids = (profile: (typeof profiles)[number]) => experimentMatrix(profile).map(({ id }) => id);
  for (const profile of ["standard", "full"] as const) {
    for (const id of required) assert(ids(profile).includes(id), `${profile} lacks ${id}`);
  }
  const bases = (all: string[]) => all.map((id) => id.replace(/-n\d+$|-w[\d.]+$/, ""));
  for (const id of bases(ids("quick"))) assert(bases(ids("standard")).includes(id), id);
});

Deno.test("every spec of every profile is plain JSON that parses to itself, with an id of its own", () => {
  for (const profile of profiles) {
    const matrix = experimentMatrix(profile);
    assertEquals(matrix.map((spec) => parseRunSpec(JSON.parse(JSON.stringify(spec)))), matrix);
    assertEquals(new Set(matrix.map(({ id }) => id)).size, matrix.length);
    assertEquals(new Set(matrix.map((spec) => spec.profile)), new Set([profile]));
  }
});

Deno.test("an encoder's run comes before the runs that start from it", () => {
  for (const profile of profiles) {
    const matrix = experimentMatrix(profile);
    for (const [k, { pretrained }] of matrix.entries()) {
      const from = pretrained?.from === "run"
        ? pretrained.id
        : pretrained?.from === "imagenet"
        ? pretrained.standIn
        : undefined;
      if (from === undefined) continue;
      const position = matrix.findIndex(({ id }) => id === from);
      assert(position >= 0 && position < k, `${matrix[k]!.id} needs ${from} first`);
    }
  }
});

Deno.test("the changes of the matrix are those of its table", () => {
  const spec = (id: string) => specById("standard", id);
  assertEquals(spec("svhn-no-bn").model.batchNorm, false);
  assertEquals(spec("svhn-no-bn").evaluation.adaptBatchNorm, false);
  assertEquals(spec("svhn-ls").train.labelSmoothing, 0.1);
  assertEquals(spec("svhn-adam").train.learningRate, 1e-3);
  assertEquals(spec("cifar-pgd-at").train.adversarial, {
    attack: "pgd",
    epsilon: 8 / 255,
    steps: 7,
    probability: 0.5,
  });
  assertEquals(spec("cifar-base").evaluation.epsilons.map((epsilon) => 255 * epsilon), [
    0,
    1,
    2,
    4,
    8,
    16,
  ]);
  assert(new RegExp(spec("mnist-to-svhn-probe").train.freeze!).test("layer4.1.conv2.weight"));
  assert(!new RegExp(spec("mnist-to-svhn-probe").train.freeze!).test("fc.weight"));
  assertEquals(specById("full", "svhn-baseline").train.epochs, 80);
  assertEquals(specById("full", "svhn-baseline").data.trainLimit, undefined);
  assertThrows(() => spec("svhn"), RangeError, "svhn-baseline");
});

Deno.test("a spec with a wrong, missing or unknown field is refused by name", () => {
  const spec = specById("quick", "svhn-baseline");
  const without = Object.fromEntries(Object.entries(spec).filter(([key]) => key !== "seed"));
  assertThrows(() => parseRunSpec(without), TypeError, "seed");
  assertThrows(() => parseRunSpec({ ...spec, typo: 1 }), TypeError, "typo");
  assertThrows(
    () => parseRunSpec({ ...spec, train: { ...spec.train, epochs: 0 } }),
    TypeError,
    "train.epochs",
  );
});

Deno.test("the hash depends on spec, data, encoder and version, not on the order of keys", () => {
  const spec = specById("quick", "svhn-baseline");
  const data = {
    train: { name: "svhn", split: "train", source: "real", length: 2, sha256: "a" },
    test: { name: "svhn", split: "test", source: "real", length: 2, sha256: "b" },
  };
  const input = { spec, data, encoder: null, numericsVersion: 1 };
  const base = runHash(input);
  const reversed = Object.fromEntries(Object.entries(spec).reverse()) as typeof spec;
  assertEquals(runHash({ ...input, spec: reversed }), base);
  assertNotEquals(runHash({ ...input, spec: withSeed(spec, 1) }), base);
  assertNotEquals(runHash({ ...input, encoder: "x" }), base);
  assertNotEquals(runHash({ ...input, numericsVersion: 2 }), base);
  const otherTest = { ...data, test: { ...data.test, sha256: "c" } };
  assertNotEquals(runHash({ ...input, data: otherTest }), base);
  assertEquals(trainingHash({ ...input, data: otherTest }), trainingHash(input));
  const evaluation = { ...spec.evaluation, attackSteps: 3 };
  assertNotEquals(runHash({ ...input, spec: { ...spec, evaluation } }), base);
  assertEquals(trainingHash({ ...input, spec: { ...spec, evaluation } }), trainingHash(input));
  assertNotEquals(trainingHash({ ...input, spec: withSeed(spec, 1) }), trainingHash(input));
});

Deno.test("a knob that is added later leaves the hashes of runs at its default alone", () => {
  const spec = specById("quick", "cifar-circle");
  const knobs = {
    ...trainKnobs,
    toy: knob(number({ min: 0 }), { default: 0.5 }),
    circle: group({ ...circleKnobs, toy: knob(number({}), { default: 2 }) }, {
      presence: "optional",
    }),
    toys: group({ toy: knob(number({}), { presence: "required" }) }),
  };
  const hashes = (change: object, table: KnobTable = knobs) => {
    const changed = { ...spec, train: { ...spec.train, ...change } };
    const input = { spec: changed, data: {}, encoder: null, numericsVersion: 1 };
    return [runHash(input, table), trainingHash(input, table)];
  };
  const circle = spec.train.circle!;
  const before = hashes({}, trainKnobs);
  for (const same of [{}, { toy: 0.5 }, { circle: { ...circle, toy: 2 } }]) {
    assertEquals(hashes(same), before);
  }
  for (const other of [{ toy: 0 }, { circle: { ...circle, toy: 3 } }, { toys: { toy: 1 } }]) {
    hashes(other).forEach((hash, use) => assertNotEquals(hash, before[use]));
  }
  const { seed: _, ...train } = knobs;
  assertEquals(schemaOf(train).parse(spec.train), spec.train);
  assertEquals(resolveKnobs(knobs, spec.train).toy, 0.5);
  assertThrows(() => resolveKnobs(knobs, { ...spec.train, toy: -1 }), RangeError, "toy");
});

Deno.test("no training option of a later release changes the hash of a spec without it", () => {
  const spec = specById("quick", "cifar-pgd-at");
  const hashes = (train: object) => {
    const input = { spec: parseRunSpec({ ...spec, train }), data: {}, encoder: null };
    return [
      runHash({ ...input, numericsVersion: 1 }),
      trainingHash({ ...input, numericsVersion: 1 }),
    ];
  };
  const { adversarial } = spec.train;
  const usual = {
    ...spec.train,
    ...{ schedule: "multistep", warmupEpochs: 0, nesterov: false, decayBiasAndNorm: true },
    ...{ dropLast: false, noiseSigma: 0, selectBy: "accuracy" },
    adversarial: { ...adversarial, norm: "linf", restarts: 1 },
  };
  const before = hashes(spec.train);
  assertEquals(hashes(usual), before);
  const changes = [
    ...[{ schedule: "cosine" }, { schedule: "constant" }, { warmupEpochs: 1 }, { nesterov: true }],
    ...[{ decayBiasAndNorm: false }, { dropLast: true }, { gradientClip: 1 }],
    { selectBy: "robustAccuracy" },
    { adversarial: { ...adversarial, norm: "l2" } },
    { adversarial: { ...adversarial, restarts: 2 } },
  ];
  const seen = new Set(before);
  for (const change of changes) {
    for (const hash of hashes({ ...usual, ...change })) seen.add(hash);
  }
  assertEquals(seen.size, 2 + 2 * changes.length);
});

Deno.test("a spec whose training contradicts itself is refused as train refuses it", () => {
  const spec = specById("quick", "cifar-pgd-at");
  const refused = (change: object, ...parts: string[]) => {
    const attempt = () => parseRunSpec({ ...spec, train: { ...spec.train, ...change } });
    for (const part of parts) assertThrows(attempt, TypeError, part);
  };
  refused({ adversarial: { ...spec.train.adversarial, epsilon: 2 } }, "adversarial.epsilon", "2");
  refused({ nesterov: true, momentum: 0 }, "nesterov");
  refused({ schedule: "cosine", milestones: [0.3] }, "milestones");
  refused({ warmupEpochs: spec.train.epochs }, "warmupEpochs");
  refused({ adversarial: undefined, selectBy: "robustAccuracy" }, "selectBy");
  // Stated milestones at their default are no contradiction: every spec has to state some.
  const { train } = parseRunSpec({ ...spec, train: { ...spec.train, schedule: "cosine" } });
  const { milestones, decay, schedule } = trainingOptions(train);
  assertEquals([milestones, decay, schedule], [undefined, undefined, "cosine"]);
  assertEquals(trainingOptions(spec.train), spec.train);
});

Deno.test("a setting that the first runs had counts in their hash at its default too", () => {
  const settings = { epochs: 1, momentum: 0.9, adversarial: { attack: "trades", beta: 6 } };
  assertEquals(withoutLaterDefaults(trainKnobs, settings), settings);
});

Deno.test("canonical JSON leaves out what is undefined and keeps arrays in order", () => {
  assertEquals(
    canonicalJson({ b: [2, 1], a: undefined, c: { e: null, d: "x" } }),
    '{"b":[2,1],"c":{"d":"x","e":null}}',
  );
});

Deno.test("a run's directory names profile, id, seed and hash", () => {
  const directory = runDirectory("root", specById("quick", "cifar-base", 3), "0123456789");
  assertEquals(directory.replaceAll("\\", "/"), "root/data/runs/quick/cifar-base-s3-01234567");
  assertEquals(evaluationName("svhn", "test"), "svhn-test");
});

Deno.test("a command's flags choose and change runs, encoders included", () => {
  const { specs, matrix } = chooseRuns({
    profile: "standard",
    dataset: "cifar10",
    epochs: 2,
    evaluation: { attackSteps: 3 },
    source: "real",
  });
  assertEquals(new Set(specs.map(({ dataset }) => dataset)), new Set(["cifar10"]));
  assert(matrix.every(({ train, data }) => train.epochs === 2 && data.source === "real"));
  assert(specs.every(({ evaluation }) => evaluation.attackSteps === 3));
  assertThrows(() => chooseRuns({ profile: "quick", only: ["nothing"] }), RangeError, "nothing");
  const encoders = (pretrained: string) =>
    chooseRuns({ profile: "quick", only: ["svhn-pretrained", "mnist-to-svhn-probe"], pretrained })
      .specs.map((spec) => spec.pretrained?.from);
  assertEquals(encoders("imagenet"), ["run", "imagenet"]);
  assertEquals(encoders("weights.safetensors"), ["run", "file"]);
});

Deno.test("whether real images were asked for or found, commands and notebooks share their runs", async () => {
  const part = (source: Dataset["source"]) =>
    createDataset({
      name: "svhn",
      split: "train",
      source,
      images: new Uint8Array(2 * 3072),
      labels: Uint8Array.of(0, 1),
    });
  const hashOf = async (asked: RunSpec["data"]["source"], found: Dataset["source"]) => {
    const train = part(found);
    const load = () =>
      Promise.resolve({
        train,
        validation: train,
        test: train,
        transfer: undefined,
        outside: [],
        identity: {},
      });
    const provider: DataProvider = {
      directory: undefined,
      load,
      split: () => Promise.resolve(train),
    };
    const spec = specById("standard", "svhn-baseline");
    const data = { ...spec.data, source: asked };
    return (await identifyRun({ ...spec, data }, runContext({ data: provider }))).hash;
  };
  assertEquals(await hashOf("auto", "real-subset"), await hashOf("real", "real-subset"));
  assertNotEquals(await hashOf("auto", "procedural"), await hashOf("auto", "real"));
});
