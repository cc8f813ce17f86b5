/** What a model of one's own returns is required to be readable wherever a model is asked. */
import * as lab from "../../lib/mod.ts";
import { tf } from "../../lib/backend/tf.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../lib/assert/mod.ts";

const data = lab.createDataset({
  name: "own",
  images: Uint8Array.from({ length: 4 * 12 }, (_, k) => (k * 37) % 256),
  labels: [0, 1, 2, 0],
  classNames: ["a", "b", "c"],
  imageShape: [2, 2, 3],
});
const weights = [0, 1, 2].map((label) => Array.from({ length: 12 }, (_, k) => Math.sin(k + label)));

/** A model whose answer is changed on the way out. */
function changed(change: (answer: lab.ForwardResult) => unknown): lab.Classifier {
  const model = lab.linearClassifier(weights, { inputShape: [2, 2, 3] });
  const forward = (x: tf.Tensor4D) => change(model.forward(x));
  return { ...model, forward } as lab.Classifier;
}

const { evaluation } = lab.specById("quick", "svhn-baseline");
const [{ x, y }] = [...lab.batches(data)] as [lab.Batch];

/** Everything public that asks a model. */
const USERS: Readonly<Record<string, (model: lab.Classifier) => unknown>> = {
  train: (model) => lab.train(model, { train: data, epochs: 1 }),
  "train with PGD": (model) =>
    lab.train(model, { train: data, epochs: 1, adversarial: { attack: "pgd", epsilon: 0.1 } }),
  collectPredictions: (model) => lab.collectPredictions(model, data),
  attackSweep: (model) => lab.attackSweep(model, data, { attacks: ["clean"], epsilons: [0] }),
  iterationSweep: (model) => lab.iterationSweep(model, data, { epsilon: 0.1, steps: [1] }),
  gradientMaskingChecks: (model) => lab.gradientMaskingChecks(model, data),
  evaluateModel: (model) =>
    lab.evaluateModel(model, data, { run: "a", seed: 0, options: evaluation } as never),
  fgsm: (model) => lab.fgsm(model, x, y, { epsilon: 0.1 }),
  pgd: (model) => lab.pgd(model, x, y, { epsilon: 0.1 }),
  apgd: (model) => lab.apgd(model, x, y, { epsilon: 0.1 }),
  fab: (model) => lab.fab(model, x, y, { epsilon: 0.1 }),
  square: (model) => lab.square(model, x, y, { epsilon: 0.1 }),
  certify: (model) => lab.certify(model, x, { sigma: 0.1, n0: 4, n: 4 }),
  autoAttack: (model) => lab.autoAttack(model, x, y, { epsilon: 0.1, version: "rand" }),
  deepFool: (model) => lab.deepFool(model, x, y),
  carliniWagner: (model) => lab.carliniWagner(model, x, y),
  tradesPerturbation: (model) => lab.tradesPerturbation(model, x, { epsilon: 0.1 }),
};

const columns = (z: tf.Tensor2D, from: number, count: number) =>
  tf.slice2d(z, [0, from], [z.shape[0], count]);

/** Answers that cannot be read, and what the error says of them. */
const ANSWERS: Readonly<
  Record<string, [change: (answer: lab.ForwardResult) => unknown, says: string]>
> = {
  "a bare tensor": [
    ({ logits }) => logits,
    "{ logits, features } but found a tensor of shape [4,3]",
  ],
  "a promise": [(answer) => Promise.resolve(answer), "found a promise"],
  "nothing": [() => undefined, "found undefined"],
  "a list": [({ logits, features }) => [logits, features], "found a list"],
  "logits alone": [({ logits }) => ({ logits }), "found an object without features"],
  "too few logits": [
    ({ logits, features }) => ({ logits: columns(logits, 0, 2), features }),
    "logits of shape [4, 3], one row an image and one column for each of the model's classes, but " +
    "found [4,2]",
  ],
  "too many logits": [
    ({ logits, features }) => ({ logits: tf.concat([logits, logits], 1), features }),
    "but found [4,6]",
  ],
  "one row of logits for all images": [
    ({ logits, features }) => ({ logits: tf.mean(logits, 0, true), features }),
    "but found [1,3]",
  ],
  "logits of another rank": [
    ({ logits, features }) => ({ logits: tf.expandDims(logits, 2), features }),
    "but found [4,3,1]",
  ],
  "numbers instead of logits": [
    ({ logits, features }) => ({ logits: logits.arraySync(), features }),
    "return logits as a tensor but found a list",
  ],
  "integer logits": [
    ({ logits, features }) => ({ logits: tf.cast(logits, "int32"), features }),
    "return logits as float32 but found int32",
  ],
  "feature maps": [
    ({ logits, features }) => ({ logits, features: tf.reshape(features, [-1, 2, 2, 3]) }),
    "features of shape [4, d], one row an image, but found [4,2,2,3]",
  ],
};

for (const [what, [change, says]] of Object.entries(ANSWERS)) {
  Deno.test(`a forward that returns ${what} is told in one sentence, whoever asks`, async () => {
    for (const [name, use] of Object.entries(USERS)) {
      const model = changed(change);
      const { message } = await assertRejects(async () => await use(model), Error);
      assertStringIncludes(message, "model.forward", name);
      assertStringIncludes(message, says, name);
      assertEquals(message.split("\n").length, 1);
      model.dispose();
    }
  });
}

const BROKEN: Readonly<Record<string, (logits: tf.Tensor2D) => tf.Tensor2D>> = {
  "NaN": (logits) => tf.mul(logits, NaN),
  "infinite": (logits) => tf.add(logits, Infinity),
  "minus infinity for one class": (logits) =>
    tf.concat([columns(logits, 0, 2), tf.fill([logits.shape[0], 1], -Infinity)], 1) as tf.Tensor2D,
};

for (const [what, change] of Object.entries(BROKEN)) {
  Deno.test(`logits that are ${what} are told whoever asks, and forward is named`, async () => {
    for (const [name, use] of Object.entries(USERS)) {
      const model = changed(({ logits, features }) => ({ logits: change(logits), features }));
      const { message } = await assertRejects(async () => await use(model), Error);
      assertMatch(message, /logit/, name);
      assertStringIncludes(message, "model.forward", name);
      model.dispose();
    }
  });
}

Deno.test("features that are not numbers are told where they are kept", async () => {
  const model = changed(({ logits, features }) => ({
    logits,
    features: tf.mul(features, Infinity),
  }));
  await lab.collectPredictions(model, data);
  await assertRejects(
    () => lab.collectPredictions(model, data, { features: true }),
    RangeError,
    "Expected model.forward to return finite features but found",
  );
  model.dispose();
});

Deno.test("a model's own parts are told before it is asked", async () => {
  for (
    const [change, says] of [
      [{ forward: 3 }, "model.forward to be a function"],
      [{ classes: "ten" }, "model.classes to be a number"],
      [{ classes: 2.5 }, "model.classes to be an integer"],
      [{ inputShape: 32 }, "model.inputShape to be a list"],
    ] as const
  ) {
    for (const [name, use] of Object.entries(USERS)) {
      const model = changed((answer) => answer);
      const wrong = { ...model, ...change } as unknown as lab.Classifier;
      const { message } = await assertRejects(async () => await use(wrong), Error);
      assertStringIncludes(message, says, name);
      model.dispose();
    }
  }
});

Deno.test("a model that answers rightly is asked as before", async () => {
  let asked = 0;
  const model = changed((answer) => {
    asked++;
    return answer;
  });
  await lab.collectPredictions(model, data, { batchSize: 2 });
  assertEquals(asked, 2);
  model.dispose();
});

Deno.test("the library asks models through lib/nn/forward.ts alone", async () => {
  const root = new URL("../../lib/", import.meta.url);
  /** The one place, models that pass on another's answer, and the benchmark of bare passes. */
  const allowed = /^(nn\/forward|attacks\/_gradient_probe|cli\/bench\/.*)\.ts$/;
  const found: string[] = [];
  for (const layer of ["nn", "attacks", "metrics", "train", "experiments", "cli"]) {
    for (const path of await filesBelow(new URL(`${layer}/`, root))) {
      const name = path.slice(root.pathname.length);
      if (allowed.test(name)) continue;
      const lines = (await Deno.readTextFile(path)).split("\n");
      found.push(
        ...lines.filter((line) => /\.forward\(/.test(line) && !/^\s*(\*|\/\/)/.test(line)),
      );
    }
  }
  assertEquals(found, [], "use forward(model, x) of lib/nn/forward.ts");
});

async function filesBelow(folder: URL): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) files.push(...await filesBelow(new URL(`${name}/`, folder)));
    else if (name.endsWith(".ts")) files.push(new URL(name, folder).pathname);
  }
  return files;
}
