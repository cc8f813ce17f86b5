import { tf } from "../../lib/backend/tf.ts";
import { batches } from "../../lib/data/batches.ts";
import { seedFor } from "../../lib/train/_seeds.ts";
import { crossEntropy } from "../../lib/losses/cross_entropy.ts";
import { labelSmoothingCrossEntropy } from "../../lib/losses/label_smoothing.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { lossAndAccuracy } from "../../lib/train/loss_and_accuracy.ts";
import type { TrainOptions } from "../../lib/train/options.ts";
import { train } from "../../lib/train/train.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "../../lib/assert/mod.ts";
import { tileDataset, tinyClassifier, weightsOf } from "./tiny_classifier.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const data = tileDataset(100);
const validation = tileDataset(60, 5);
const quick: TrainOptions = {
  train: data,
  validation,
  epochs: 2,
  batchSize: 32,
  learningRate: 0.05,
};
/** A rate that moves no float32 weight, so that a whole epoch sees the same model. */
const STILL = 1e-20;

async function trained(options: TrainOptions, model = tinyClassifier(1, { dropout: 0.3 })) {
  const history = await train(model, options);
  const weights = weightsOf(model);
  model.dispose();
  return { history, weights };
}

/** The objective of all images at once, the model in eval mode. */
function lossOfAll(
  model: Classifier,
  loss: (logits: tf.Tensor2D, labels: tf.Tensor1D) => tf.Scalar,
): number {
  const pixels = Float32Array.from(data.images, (byte) => byte / 255);
  return tf.tidy(() => {
    const { logits } = model.forward(tf.tensor4d(pixels, [data.length, 32, 32, 3]));
    return loss(logits, tf.tensor1d([...data.labels], "int32")).dataSync()[0]!;
  });
}

Deno.test("training lowers the loss and names its epochs from 1", async () => {
  const { history } = await trained({ ...quick, epochs: 8, learningRate: 1 }, tinyClassifier(1));
  assertEquals(history.epochs.map(({ epoch }) => epoch), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert(history.epochs[7]!.trainLoss < 0.6 * history.epochs[0]!.trainLoss);
  assert(history.epochs[7]!.validationAccuracy! > 0.5);
});

Deno.test("a last batch too small for batch norm is refused before anything is written", async () => {
  const model = { ...tinyClassifier(1), smallestTrainingBatch: 2 };
  const directory = `${await temporaryFolder()}/run`;
  const odd = { ...quick, batchSize: 33, directory }; // 100 images: the last batch has one
  await assertRejects(() => train(model, odd), RangeError, "batchSize 33");
  assertEquals(await Deno.stat(directory).then(() => true, () => false), false);
  await assertRejects(() => train(model, { ...quick, batchSize: 1 }), RangeError, "at least 2");
  // A frozen layer runs in eval mode and takes any batch.
  model.buffers = new Map([["hidden.running_mean", model.buffers.get("norm.running_mean")!]]);
  const { epochs } = await train(model, { ...quick, batchSize: 33, freeze: "^hidden" });
  assertEquals(epochs.length, 2);
  model.dispose();
});

Deno.test("the same seed gives the same bits, another seed others", async () => {
  const first = await trained({ ...quick, seed: 3 });
  assertEquals((await trained({ ...quick, seed: 3 })).weights, first.weights);
  assertNotEquals((await trained({ ...quick, seed: 4 })).weights, first.weights);
});

Deno.test("every epoch shuffles anew, and draws dropout anew for every batch", async () => {
  const model = tinyClassifier(1, { dropout: 0.3 });
  await trained({ ...quick, validation: undefined }, model);
  const seeds = model.calls.filter(({ training }) => training).map(({ seed }) => seed);
  assertEquals(seeds.length, 8);
  assertEquals(new Set(seeds).size, 8);
});

Deno.test("an epoch's figures are means over samples, the partial last batch included", async () => {
  const model = tinyClassifier(1);
  const expected = await lossAndAccuracy(model, data);
  // Frozen, the tiny model's statistic stays still, so train and eval mode agree.
  const options = { ...quick, epochs: 1, learningRate: STILL, freeze: /^hidden/ };
  const { history } = await trained(options, model);
  assertAlmostEquals(history.epochs[0]!.trainLoss, expected.loss, 1e-5);
  assertAlmostEquals(history.epochs[0]!.trainAccuracy, expected.accuracy, 1e-9);
});

Deno.test("trainLoss is the smoothed objective, validationLoss plain cross entropy", async () => {
  const model = tinyClassifier(1);
  // Confident logits, so that the two losses differ.
  model.parameters.get("fc.bias")!.assign(tf.linspace(0, 5, 10));
  const smoothed = lossOfAll(model, (l, y) => labelSmoothingCrossEntropy(l, y, { smoothing: 0.2 }));
  const plain = lossOfAll(model, (l, y) => crossEntropy(l, y));
  assert(Math.abs(smoothed - plain) > 0.01);
  const options = { ...quick, validation: data, epochs: 1, learningRate: STILL, freeze: "^hidden" };
  const { history } = await trained({ ...options, labelSmoothing: 0.2 }, model);
  assertAlmostEquals(history.epochs[0]!.trainLoss, smoothed, 1e-5);
  assertAlmostEquals(history.epochs[0]!.validationLoss!, plain, 1e-5);
});

Deno.test("frozen parameters get no update and no decay, and their statistic stays", async () => {
  const model = tinyClassifier(1);
  const before = weightsOf(model);
  const { weights } = await trained({ ...quick, weightDecay: 0.1, freeze: /hidden/g }, model);
  for (const name of ["hidden.weight", "hidden.bias", "norm.running_mean"]) {
    assertEquals(weights[name], before[name]);
  }
  assertNotEquals(weights["fc.weight"], before["fc.weight"]);
  assertNotEquals(weights["fc.bias"], before["fc.bias"]);
});

Deno.test("a pattern that freezes nothing or everything is refused", async () => {
  await assertRejects(() => trained({ ...quick, freeze: /conv1/ }), RangeError, "freeze");
  await assertRejects(() => trained({ ...quick, freeze: /./ }), RangeError, "freeze");
});

Deno.test("weight decay reaches every parameter, biases too", async () => {
  const [plain, decayed] = [tinyClassifier(1), tinyClassifier(1)];
  for (const model of [plain, decayed]) {
    model.parameters.get("fc.bias")!.assign(tf.ones([10]));
  }
  const { weights } = await trained({ ...quick, weightDecay: 0 }, plain);
  const after = await trained({ ...quick, weightDecay: 0.3 }, decayed);
  const sum = (values: number[]) => values.reduce((total, value) => total + Math.abs(value), 0);
  for (const name of ["fc.weight", "fc.bias", "hidden.weight"]) {
    assert(sum(after.weights[name]!) < sum(weights[name]!), name);
  }
});

Deno.test("training leaves no tensors behind, epoch after epoch", async () => {
  const counts: number[] = [];
  const onProgress = () => counts.push(tf.memory().numTensors);
  const before = tf.memory().numTensors;
  await trained({
    ...quick,
    epochs: 3,
    onProgress,
    labelSmoothing: 0.1,
    circle: { weight: 0.1 },
    adversarial: { attack: "pgd", epsilon: 0.02, steps: 2 },
  });
  assertEquals(new Set(counts).size, 1);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("class-balanced batches are trained on, and counted", async () => {
  let last = { batch: 0, batches: 0 };
  const { history, weights } = await trained({
    ...quick,
    batchSize: undefined,
    classBalanced: { classes: 4, images: 4 },
    circle: { weight: 0.5 },
    onProgress: (progress) => last = progress,
  });
  assertEquals([last.batch, last.batches], [6, 6]); // round(100 / 16)
  assert(history.epochs.every(({ trainLoss }) => Number.isFinite(trainLoss)));
  const other = await trained({ ...quick, batchSize: 16, circle: { weight: 0.5 } });
  assertNotEquals(weights, other.weights);
});

Deno.test("the circle term enters the trained objective with its weight", async () => {
  const still = { ...quick, epochs: 1, learningRate: STILL, freeze: "^hidden" };
  const loss = async (weight: number) =>
    (await trained({ ...still, circle: { weight } }, tinyClassifier(1))).history.epochs[0]!
      .trainLoss;
  const [none, one, three] = [await loss(0), await loss(1), await loss(3)];
  assert(one > none);
  assertAlmostEquals((three - none) / (one - none), 3, 1e-3);
});

Deno.test("progress ends every epoch, after its checkpoint is on disk", async () => {
  const directory = `${await temporaryFolder()}/run`;
  const ends: number[] = [];
  await trained({
    ...quick,
    directory,
    onProgress({ epoch, batch, batches, etaSeconds, imagesPerSecond, accuracy }) {
      assert(etaSeconds >= 0 && imagesPerSecond > 0 && accuracy >= 0 && accuracy <= 1);
      if (batch < batches) return;
      const history = JSON.parse(Deno.readTextFileSync(`${directory}/training_history.json`));
      assertEquals(history.epochs.length, epoch);
      assert(Deno.statSync(`${directory}/last.safetensors`).isFile);
      ends.push(epoch);
    },
  });
  assertEquals(ends, [1, 2]);
});

Deno.test("options out of bounds are refused by name before anything is written", async () => {
  const directory = `${await temporaryFolder()}/run`;
  const wrong: [string, Partial<TrainOptions>][] = [
    ["epochs", { epochs: 0 }],
    ["batchSize", { batchSize: 1.5 }],
    ["learningRate", { learningRate: -1 }],
    ["momentum", { momentum: 1 }],
    ["weightDecay", { weightDecay: -1 }],
    ["milestones", { milestones: [0.5, 1.5] }],
    ["decay", { decay: 0 }],
    ["labelSmoothing", { labelSmoothing: 1 }],
    ["seed", { seed: 0.5 }],
    ["optimizer", { optimizer: "rmsprop" as "sgd" }],
    ["augment", { augment: "all" as "none" }],
    ["adversarial.attack", { adversarial: { attack: "cw" as "pgd", epsilon: 0.1 } }],
    ["adversarial.epsilon", { adversarial: { attack: "pgd", epsilon: 8 } }],
    ["adversarial.probability", { adversarial: { attack: "pgd", epsilon: 0, probability: 2 } }],
    ["adversarial.steps", { adversarial: { attack: "fgsm", epsilon: 0.1, steps: 7 } }],
    ["circle.weight", { circle: { weight: -1 } }],
    ["circle.gamma", { circle: { weight: 1, gamma: 0 } }],
    ["classBalanced.images", { batchSize: undefined, classBalanced: { classes: 2, images: 0 } }],
    ["batchSize", { classBalanced: { classes: 2, images: 2 } }],
    ["train.length", { train: { ...data, length: 0 } }],
    ["train.labels", { train: { ...data, labels: data.labels.map(() => 10) } }],
  ];
  for (const [name, options] of wrong) {
    await assertRejects(() => trained({ ...quick, directory, ...options }), RangeError, name);
  }
  await assertRejects(() => Deno.stat(directory), Deno.errors.NotFound);
});

Deno.test("training on rotated images, prepared in a worker, sees the batches of the main thread", async () => {
  const seen: Float32Array[] = [];
  const model = tinyClassifier(1);
  const recording: Classifier = {
    ...model,
    forward(x, options) {
      if (options?.training) seen.push(x.dataSync<"float32">().slice());
      return model.forward(x, options);
    },
  };
  const options = { batchSize: 32, augment: "rotations" } as const;
  await train(recording, { train: data, epochs: 1, seed: 5, learningRate: STILL, ...options });
  const seed = seedFor(5, "data", 1);
  const expected = [...batches(data, { ...options, shuffle: true, seed })];
  assertEquals(seen, expected.map(({ x }) => x.dataSync()));
  expected.forEach(({ x, y }) => tf.dispose([x, y]));
  model.dispose();
});
