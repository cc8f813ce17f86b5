/** Data, models and checkpoints that do not fit are told before anything is computed. */
import { join } from "node:path";
import * as lab from "../../lib/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { constantImages, fixtureDirectory } from "../data/fixtures.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";
import { warningsOf } from "../warnings.ts";

const data = constantImages(20);
const { evaluation } = lab.specById("quick", "svhn-baseline");

/** Everything that shows a model images of a dataset. */
const users: Readonly<Record<string, (model: lab.Classifier, limit?: number) => Promise<unknown>>> =
  {
    attackSweep: (model, limit) =>
      lab.attackSweep(model, data, { attacks: ["noise"], epsilons: [0.1], limit }),
    iterationSweep: (model, limit) =>
      lab.iterationSweep(model, data, { epsilon: 0.1, steps: [1], limit }),
    gradientMaskingChecks: (model, limit) =>
      lab.gradientMaskingChecks(model, data, { limit, steps: 4, queries: 2 }),
    collectPredictions: (model, limit) => lab.collectPredictions(model, data, { limit }),
    evaluateModel: (model) =>
      lab.evaluateModel(model, data, { run: "a", seed: 0, options: evaluation } as never),
    train: (model) => lab.train(model, { train: data, epochs: 1 }),
    "train with a validation set": (model) =>
      lab.train(model, { train: lab.selectImages(data, [0, 1]), validation: data, epochs: 1 }),
  };

/** Models that the dataset, 32 x 32 x 3 with labels up to 9, does not fit. */
const misfits = [
  ["of smaller images", { inputShape: [16, 16, 3] }, "16 x 16 x 3"],
  ["of one channel", { inputShape: [32, 32, 1] }, "32 x 32 x 1"],
  ["of two classes", { classes: 2 }, /found [2-9]/],
] as const;

for (const [name, use] of Object.entries(users)) {
  for (const [what, change, says] of misfits) {
    Deno.test(`${name} refuses a model ${what} before it is asked anything`, async () => {
      const tiny = tinyClassifier(1);
      const { message } = await assertRejects(
        () => use({ ...tiny, ...change } as lab.Classifier),
        RangeError,
      );
      assert(typeof says === "string" ? message.includes(says) : says.test(message), message);
      assertEquals(tiny.calls, []);
      tiny.dispose();
    });
  }
}

const others: readonly [what: string, lab.ResNet18Options, says: string][] = [
  ["another stem", { stem: "cifar" }, "stem"],
  ["no batch norm", { batchNorm: false }, "batchNorm"],
  ["other classes", { classes: 5 }, "classes"],
  ["another normalisation", { mean: [0.5, 0.5, 0.5] }, "mean"],
];

Deno.test("a checkpoint of another architecture is told, and the model stays as it was", () =>
  withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const saved = lab.resnet18({ seed: 1 });
    await lab.saveCheckpoint(path, saved);
    saved.dispose();
    for (const [what, options, says] of others) {
      const model = lab.resnet18(options);
      const weights = () => model.parameters.get("fc.weight")!.dataSync().slice();
      const before = weights();
      const { message } = await assertRejects(() => lab.loadCheckpoint(path, model), Error);
      assertStringIncludes(message, path, what);
      assertStringIncludes(message, `${says} `, what);
      assertEquals(weights(), before, what);
      model.dispose();
    }
  }));

for (
  const name of ["attackSweep", "iterationSweep", "gradientMaskingChecks", "collectPredictions"]
) {
  Deno.test(`${name} tells a limit that is larger than the data, and nothing else`, async () => {
    const model = tinyClassifier(1);
    const said = async (limit?: number) => await warningsOf(() => users[name]!(model, limit));
    assertEquals(await said(), []);
    assertEquals(await said(20), []);
    const told = await said(21);
    assert(told.length > 0);
    assertStringIncludes(told[0]!, "limit is 21, but there are only 20 images");
    model.dispose();
  });
}

Deno.test("loadDataset tells a limit that is larger than the files", async () => {
  const load = (limit: number) =>
    lab.loadDataset("svhn", "test", { directory: fixtureDirectory, source: "real", limit });
  const { length } = await load(1000);
  assertEquals(await warningsOf(() => load(length)), []);
  const [told] = await warningsOf(() => load(length + 1));
  assertStringIncludes(told!, `limit is ${length + 1}, but there are only ${length} images`);
});
