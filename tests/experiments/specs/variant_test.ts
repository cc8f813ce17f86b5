import { openLab } from "../../../lib/experiments/lab_session.ts";
import { dataProvider } from "../../../lib/experiments/runs/data_provider.ts";
import { identifyRun } from "../../../lib/experiments/runs/identify_run.ts";
import { runContext } from "../../../lib/experiments/runs/run_context.ts";
import { specById } from "../../../lib/experiments/specs/matrix.ts";
import { parseRunSpec, type RunSpec } from "../../../lib/experiments/specs/run_spec.ts";
import { baselineOf, type VariantChanges } from "../../../lib/experiments/specs/variant.ts";
import { changesText } from "../../../lib/experiments/specs/variant_text.ts";
import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "../../../lib/assert/mod.ts";
import { tiny } from "../tiny_spec.ts";

const lab = openLab({ profile: "quick", seeds: [0] });

Deno.test("a variant has its parent's settings but for those that it changes", () => {
  const parent = specById("quick", "svhn-baseline");
  const changes = {
    id: "mine",
    train: { epochs: 8, learningRate: 0.05 },
    model: { dropout: 0.2 },
    data: { trainSubset: 100 },
    evaluation: { epsilons: [0, 8 / 255] },
  };
  const { variant, ...settings } = lab.variant("svhn-baseline", changes);
  assertEquals(settings, {
    ...parent,
    id: "mine",
    train: { ...parent.train, ...changes.train },
    model: { ...parent.model, ...changes.model },
    data: { ...parent.data, ...changes.data },
    evaluation: { ...parent.evaluation, ...changes.evaluation },
  });
  assertEquals(variant, {
    of: "svhn-baseline",
    before: {
      "data.trainSubset": null,
      "model.dropout": 0,
      "train.epochs": 4,
      "train.learningRate": 0.02,
      "evaluation.epsilons": parent.evaluation.epsilons,
    },
  });
  assertEquals(
    changesText({ ...settings, variant: variant! }),
    "trainSubset 100 instead of none, dropout 0.2 instead of 0, epochs 8 instead of 4, " +
      "learningRate 0.05 instead of 0.02, " +
      "evaluation.epsilons [0, 8/255] instead of [0, 2/255, 4/255, 8/255]",
  );
});

Deno.test("a variant survives JSON, and is judged against its parent", () => {
  const mine = lab.variant("svhn-ls", { id: "mine", train: { labelSmoothing: 0.3 } });
  assertEquals(parseRunSpec(JSON.parse(JSON.stringify(mine))), mine);
  assertEquals(baselineOf(mine), "svhn-ls");
  assertEquals(baselineOf(specById("quick", "svhn-ls")), "svhn-baseline");
});

Deno.test("groups of settings are changed one by one, added, and taken away by null", () => {
  const trained = lab.variant("cifar-pgd-at", {
    id: "smaller",
    train: { adversarial: { epsilon: 4 / 255 } },
  });
  assertEquals(trained.train.adversarial, {
    attack: "pgd",
    epsilon: 4 / 255,
    steps: 4,
    probability: 0.5,
  });
  assertEquals(changesText(trained), "adversarial.epsilon 4/255 instead of 8/255");
  const clean = lab.variant("cifar-pgd-at", { id: "clean", train: { adversarial: null } });
  assertEquals(clean.train, specById("quick", "cifar-base").train);
  const added = lab.variant("svhn-baseline", { id: "added", train: { circle: { weight: 0.5 } } });
  assertEquals(added.train.circle, { weight: 0.5, margin: 0.4, gamma: 80 });
});

Deno.test("what the parent set beside another attack or batch does not outlive it", () => {
  const { train } = lab.variant("cifar-pgd-at", {
    id: "fgsm",
    train: { adversarial: { attack: "fgsm" } },
  });
  assertEquals(train.adversarial, { attack: "fgsm", epsilon: 8 / 255, probability: 0.5 });
  const balanced = lab.variant("svhn-baseline", {
    id: "balanced",
    train: { classBalanced: { classes: 5, images: 4 } },
  });
  assertEquals(balanced.train.batchSize, 20);
  const plain = lab.variant("svhn-baseline", { id: "plain", model: { batchNorm: false } });
  assertEquals(plain.evaluation.adaptBatchNorm, false);
});

Deno.test("the default of a knob is no change", () => {
  const same = lab.variant("svhn-baseline", { id: "same", train: { nesterov: false, epochs: 4 } });
  assertEquals(same.variant, { of: "svhn-baseline", before: {} });
  assertEquals(changesText(same), "no other settings");
});

const refused: [string, VariantChanges | object, ErrorConstructor, string][] = [
  ["svhn", { id: "mine" }, RangeError, "svhn-baseline, svhn-no-bn"],
  ["svhn-baseline", {}, TypeError, "without id"],
  ["svhn-baseline", { id: "svhn-ls" }, RangeError, "a run of the matrix"],
  ["svhn-baseline", { id: "mnist-to-svhn-probe-n4000" }, RangeError, "a run of the matrix"],
  ["svhn-baseline", { id: "svhn" }, RangeError, "the name of a data set"],
  ["svhn-baseline", { id: "My run" }, RangeError, 'e.g. "mine", but found "My run"'],
  ["svhn-baseline", { id: "../mine" }, RangeError, "lower-case letters"],
  ["svhn-baseline", { id: "mine", lr: 0.1 }, TypeError, "did you mean train.learningRate?"],
  ["svhn-baseline", { id: "mine", train: { lr: 1 } }, TypeError, "did you mean learningRate?"],
  ["svhn-baseline", { id: "mine", modle: {} }, TypeError, "did you mean model?"],
  ["svhn-baseline", { id: "mine", evaluation: { attackStep: 1 } }, TypeError, "attackSteps?"],
  ["svhn-baseline", { id: "mine", seed: 1 }, TypeError, "Unknown option seed"],
  ["svhn-baseline", { id: "mine", train: { epochs: 0 } }, RangeError, "epochs to be an integer"],
  ["svhn-baseline", { id: "mine", train: { epochs: null } }, TypeError, "epochs"],
  ["svhn-baseline", { id: "mine", train: 3 }, TypeError, "an object"],
  [
    "svhn-baseline",
    { id: "mine", train: { optimizer: "adam", momentum: 0.5 } },
    RangeError,
    'Expected momentum to be left out with optimizer "adam"',
  ],
  [
    "cifar-pgd-at",
    { id: "mine", train: { noiseSigma: 0.1 } },
    RangeError,
    "noiseSigma to be 0 with adversarial",
  ],
  [
    "svhn-baseline",
    { id: "mine", train: { schedule: "cosine", milestones: [0.3] } },
    RangeError,
    "milestones",
  ],
  [
    "svhn-no-bn",
    { id: "mine", evaluation: { adaptBatchNorm: true } },
    RangeError,
    "without batch norm",
  ],
  ["cifar-base", { id: "mine", evaluation: { adaptBatchNorm: true } }, RangeError, "transferTo"],
  ["svhn-baseline", { id: "mine", evaluation: { transferTo: "svhn" } }, RangeError, "another"],
  ["svhn-baseline", { id: "mine", evaluation: { mapImages: 0 } }, RangeError, "at least 4"],
  ["mnist-to-svhn-probe", { id: "mine", model: { stem: "cifar" } }, RangeError, "model.stem"],
  ["svhn-pretrained", { id: "mine", model: { batchNorm: false } }, RangeError, "model.batchNorm"],
];

for (const [id, changes, kind, words] of refused) {
  Deno.test(`a variant of ${id} with ${JSON.stringify(changes)} is refused`, () => {
    assertThrows(() => lab.variant(id, changes as VariantChanges), kind, words);
  });
}

Deno.test("runs of other profiles, of the matrix's ids and of one id twice are refused", async () => {
  const mine = lab.variant("svhn-baseline", { id: "mine" });
  const other = lab.variant("svhn-baseline", { id: "mine", train: { epochs: 1 } });
  const standard = openLab({ profile: "standard", seeds: [0] });
  const cases: [unknown[], string][] = [
    [[standard.variant("svhn-baseline", { id: "mine" })], "of standard"],
    [["svhn-baseline", { ...mine, id: "svhn-ls" }], "an id of its own"],
    [[mine, other], "two of mine"],
    [["mine"], "svhn-baseline"],
  ];
  for (const [runs, words] of cases) {
    await assertRejects(() => lab.run(runs as string[]), RangeError, words);
  }
  await assertRejects(() => lab.run([7 as never]), TypeError, "runs[0]");
  await assertRejects(() => lab.run([{ id: "mine" } as never]), TypeError, "seed");
});

Deno.test("one number changes one variant's hash and no other's", async () => {
  const context = runContext({ data: dataProvider() });
  const identity = async (spec: RunSpec) => await identifyRun(tiny(spec), context);
  const variant = (train: VariantChanges["train"], evaluation?: VariantChanges["evaluation"]) =>
    lab.variant("svhn-baseline", { id: "mine", train, evaluation });
  const parent = await identity(specById("quick", "svhn-baseline"));
  const first = await identity(variant({ learningRate: 0.05 }));
  const again = await identity(variant({ learningRate: 0.05 }));
  const second = await identity(variant({ learningRate: 0.04 }));
  const measured = await identity(variant({}, { bins: 10 }));
  assertEquals(first.hash, again.hash);
  assertEquals(new Set([parent, first, second, measured].map(({ hash }) => hash)).size, 4);
  assertEquals(measured.trainingHash, parent.trainingHash);
  assertNotEquals(first.trainingHash, parent.trainingHash);
  assertEquals((await identity(specById("quick", "svhn-baseline"))).hash, parent.hash);
});
