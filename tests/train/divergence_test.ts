import { tf } from "../../lib/backend/tf.ts";
import { loadCheckpoint } from "../../lib/nn/checkpoint.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import type { TrainOptions } from "../../lib/train/options.ts";
import { train } from "../../lib/train/train.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../lib/assert/mod.ts";
import { tileDataset, tinyClassifier, weightsOf } from "./tiny_classifier.ts";

const base: TrainOptions = { train: tileDataset(96), epochs: 3, batchSize: 32 };
const newDirectory = async () => `${await Deno.makeTempDir()}/run`;

/** A classifier whose weights turn into NaN once the optimizer has taken `steps` steps. */
function breakingAfter(steps: number): Classifier {
  const model = tinyClassifier(1);
  let calls = 0;
  return {
    ...model,
    forward(x, options) {
      if (options?.training && ++calls > steps) {
        model.parameters.get("fc.bias")!.assign(tf.fill([10], NaN));
      }
      return model.forward(x, options);
    },
  };
}

/** The loss stays finite, but the gradient of `hidden` is not a number. */
function withBrokenGradient(): Classifier {
  const model = tinyClassifier(1);
  const broken = tf.customGrad((value) => ({
    value: (value as tf.Tensor).clone(),
    gradFunc: (dy) => tf.mul(dy as tf.Tensor, NaN),
  }));
  return {
    ...model,
    forward(x, options) {
      const { logits, features } = model.forward(x, options);
      return { logits: broken(logits) as tf.Tensor2D, features };
    },
  };
}

Deno.test("a huge rate ends in an error that names epoch, batch and rate", async () => {
  const { message } = await assertRejects(
    () => train(tinyClassifier(1), { ...base, learningRate: 1e30 }),
    Error,
  );
  assertMatch(message, /diverged in epoch 1, batch [23], at learning rate 1e\+30/);
});

Deno.test("a gradient that is not a number stops the run at its batch, before the update", async () => {
  const model = withBrokenGradient();
  const before = weightsOf(model)["fc.weight"];
  const { message } = await assertRejects(() => train(model, base), Error);
  assertMatch(message, /diverged in epoch 1, batch 1, at learning rate 0.01: a gradient/);
  assertEquals(weightsOf(model)["fc.weight"], before);
});

Deno.test("a run that diverges in its first epoch leaves its initial weights as the best", async () => {
  const directory = await newDirectory();
  await assertRejects(() => train(withBrokenGradient(), { ...base, directory }), Error, "diverged");
  const loaded = tinyClassifier(9);
  await loadCheckpoint(`${directory}/best.safetensors`, loaded);
  assertEquals(weightsOf(loaded), weightsOf(tinyClassifier(1)));
});

Deno.test("a run that diverges later keeps the last finite weights as the best", async () => {
  const directory = await newDirectory();
  // Three batches an epoch: the fifth step is the second of epoch 2.
  const run = train(breakingAfter(4), { ...base, directory });
  const { message } = await assertRejects(() => run, Error);
  assertMatch(message, /diverged in epoch 2, batch 2,/);
  const loaded = tinyClassifier(9);
  const { metadata } = await loadCheckpoint(`${directory}/best.safetensors`, loaded);
  assertEquals(metadata.epoch, "1");
  assert(Object.values(weightsOf(loaded)).flat().every(Number.isFinite));
});

Deno.test("adversarial training of a model that broke says diverged, too", async () => {
  const model = tinyClassifier(1);
  const adversarial = { attack: "pgd", epsilon: 0.02, probability: 1 } as const;
  const { message } = await assertRejects(
    () => train(model, { ...base, learningRate: 1e30, adversarial }),
    Error,
  );
  assertMatch(message, /diverged in epoch 1, batch [23], at learning rate/);
});

Deno.test("a diverging run frees its tensors", async () => {
  const attempt = async () => {
    const model = withBrokenGradient();
    await assertRejects(() => train(model, base), Error, "diverged");
    model.dispose();
  };
  await attempt();
  const before = tf.memory().numTensors;
  await attempt();
  assertEquals(tf.memory().numTensors, before);
});
