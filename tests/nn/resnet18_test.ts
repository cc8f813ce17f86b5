import { tf } from "../../lib/backend/tf.ts";
import { randomUniform } from "../../lib/backend/random.ts";
import { type ResNet18, resnet18 } from "../../lib/nn/resnet18.ts";
import { assert, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { relativeDifference } from "../backend/numerical_gradient.ts";

const images = (n: number, size = 32, seed = 1) =>
  randomUniform([n, size, size, 3], seed) as tf.Tensor4D;
const imagesFor = ({ inputShape }: ResNet18, n: number) =>
  randomUniform([n, ...inputShape], 1) as tf.Tensor4D;

Deno.test("resnet18 has torchvision's 62 parameters and 40 buffers", () => {
  const model = resnet18();
  assertEquals([model.parameters.size, model.buffers.size], [62, 40]);
  const count = [...model.parameters.values()].reduce((sum, v) => sum + v.size, 0);
  assertEquals(count, 11_181_642); // torchvision's resnet18(num_classes=10)
  assertEquals(model.parameters.get("conv1.weight")!.shape, [7, 7, 3, 64]);
  assertEquals(model.parameters.get("layer2.0.downsample.0.weight")!.shape, [1, 1, 64, 128]);
  assertEquals(model.parameters.get("fc.weight")!.shape, [512, 10]);
  assert(!model.parameters.has("layer1.0.downsample.0.weight"));
  model.dispose();
});

Deno.test("an option given as undefined has its default", () => {
  const given = { classes: undefined, mean: undefined, stem: undefined } as object;
  const model = resnet18(given);
  assertEquals([model.classes, model.options.stem, model.options.mean], [10, "imagenet", [
    0,
    0,
    0,
  ]]);
  model.dispose();
});

Deno.test("the smallest training batch is the smallest that training takes", () => {
  const cases = [
    { options: {}, least: 2 },
    { options: { imageSize: 64 }, least: 1 },
    { options: { stem: "cifar" }, least: 1 },
    { options: { stem: "cifar", imageSize: 8 }, least: 2 },
    { options: { batchNorm: false }, least: 1 },
    { options: { imageSize: [48, 32] }, least: 1 },
    { options: { imageSize: [28, 32], channels: 1 }, least: 2 },
  ] as const;
  for (const { options, least } of cases) {
    const model = resnet18(options);
    assertEquals(model.smallestTrainingBatch, least, JSON.stringify(options));
    const forward = (n: number) => model.forward(imagesFor(model, n), { training: true });
    forward(least);
    if (least > 1) assertThrows(() => forward(least - 1), RangeError, "more than one value");
    model.dispose();
  }
});

Deno.test("without batch norm there are biases and no buffers", () => {
  const model = resnet18({ batchNorm: false });
  assertEquals(model.buffers.size, 0);
  assert(model.parameters.has("conv1.bias") && model.parameters.has("layer4.0.downsample.0.bias"));
  const { logits } = model.forward(images(2), { training: true });
  assert(logits.dataSync().every(Number.isFinite));
  model.dispose();
});

for (const stem of ["imagenet", "cifar"] as const) {
  for (const imageSize of [32, 64]) {
    Deno.test(`the ${stem} stem works on ${imageSize} x ${imageSize}`, () => {
      const model = resnet18({ stem, imageSize, classes: 7 });
      const { logits, features } = model.forward(images(2, imageSize));
      assertEquals([logits.shape, features.shape], [[2, 7], [2, 512]]);
      assertEquals(model.inputShape, [imageSize, imageSize, 3]);
      model.dispose();
    });
  }
}

Deno.test("a square size is one number, however it is given", () => {
  for (const imageSize of [64, [64, 64]] as const) {
    const model = resnet18({ imageSize });
    assertEquals([model.options.imageSize, model.inputShape], [64, [64, 64, 3]]);
    model.dispose();
  }
  const oblong = resnet18({ imageSize: [48, 32], channels: 2 });
  assertEquals(oblong.options.imageSize, [48, 32]);
  assertEquals([oblong.options.mean, oblong.options.std], [[0, 0], [1, 1]]);
  assertThrows(() => oblong.forward(images(1, 48)), RangeError, "[n, 48, 32, 2]");
  oblong.dispose();
});

Deno.test("the same seed gives the same weights, another seed others", () => {
  const weights = (seed: number) => {
    const model = resnet18({ seed });
    const values = model.parameters.get("layer1.0.conv1.weight")!.dataSync();
    model.dispose();
    return values;
  };
  assertEquals(weights(3), weights(3));
  assert(weights(3)[0] !== weights(4)[0]);
});

Deno.test("He fan-out: the weights' deviation is sqrt(2 / (k k outputs))", () => {
  const model = resnet18();
  const { variance } = tf.moments(model.parameters.get("layer3.1.conv1.weight")!);
  assert(Math.abs(Math.sqrt(variance.dataSync()[0]!) / Math.sqrt(2 / (9 * 256)) - 1) < 0.02);
  model.dispose();
});

Deno.test("eval mode leaves the buffers alone, training updates them", () => {
  const model = resnet18();
  const mean = model.buffers.get("bn1.running_mean")!;
  model.forward(images(4));
  assert(mean.dataSync().every((value) => value === 0));
  model.forward(images(4), { training: true });
  assert(mean.dataSync().some((value) => value !== 0));
  model.dispose();
});

Deno.test("a frozen batch norm runs in eval mode during training", () => {
  const model = resnet18();
  const x = images(4);
  const evaluated = model.forward(x).logits;
  const frozen = model.forward(x, { training: true, frozen: () => true }).logits;
  assert(relativeDifference(frozen, evaluated) < 1e-6);
  assert(model.buffers.get("bn1.running_mean")!.dataSync().every((value) => value === 0));
  model.dispose();
});

Deno.test("forward notices parameters assigned from outside", () => {
  const model = resnet18();
  const x = images(2);
  const before = model.forward(x).logits;
  const weight = model.parameters.get("layer4.1.conv2.weight")!;
  weight.assign(tf.mul(weight, 2));
  assert(relativeDifference(model.forward(x).logits, before) > 1e-4);
  weight.assign(tf.div(weight, 2));
  assert(relativeDifference(model.forward(x).logits, before) < 1e-5);
  model.dispose();
});

Deno.test("normalisation happens inside the model, per channel", () => {
  const plain = resnet18({ seed: 2 });
  const normalizing = resnet18({ seed: 2, mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] });
  const x = images(2);
  const byHand = tf.div(tf.sub(x, [0.1, 0.2, 0.3]), [0.5, 0.25, 2]) as tf.Tensor4D;
  const gap = relativeDifference(normalizing.forward(x).logits, plain.forward(byHand).logits);
  assert(gap < 1e-4, String(gap));
  plain.dispose();
  normalizing.dispose();
});

Deno.test("dropout acts in training only and repeats with its seed", () => {
  const model = resnet18({ dropout: 0.5 });
  const x = images(3);
  const run = (options: object) => model.forward(x, { frozen: () => true, ...options }).logits;
  assert(relativeDifference(run({ training: true, seed: 1 }), run({})) > 1e-3);
  assert(
    relativeDifference(run({ training: true, seed: 1 }), run({ training: true, seed: 1 })) === 0,
  );
  assert(
    relativeDifference(run({ training: true, seed: 1 }), run({ training: true, seed: 2 })) > 1e-3,
  );
  model.dispose();
});

Deno.test("both modes are differentiable in the input and in every parameter", () => {
  const model = resnet18();
  const x = images(4);
  for (const training of [false, true]) {
    const loss = (x: tf.Tensor) =>
      tf.sum(tf.square(model.forward(x as tf.Tensor4D, { training }).logits)) as tf.Scalar;
    assert(tf.grad(loss)(x).dataSync().some((value) => value !== 0));
    const { grads } = tf.variableGrads(() => loss(x), [...model.parameters.values()]);
    assertEquals(Object.keys(grads).length, 62);
    for (const gradient of Object.values(grads)) {
      assert(gradient.dataSync().every(Number.isFinite));
      gradient.dispose();
    }
  }
  model.dispose();
});

Deno.test("a model cleans up after itself", () => {
  const x = images(2);
  const before = tf.memory().numTensors;
  const model = resnet18({ mean: [0.5, 0.5, 0.5] });
  tf.dispose(Object.values(model.forward(x)));
  tf.dispose(Object.values(model.forward(x, { training: true })));
  const inUse = tf.memory().numTensors;
  tf.dispose(Object.values(model.forward(x)));
  tf.dispose(Object.values(model.forward(x, { training: true })));
  assertEquals(tf.memory().numTensors, inUse);
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("bad options and shapes are refused with what was found", () => {
  assertThrows(() => resnet18({ classes: 1 }), RangeError, "classes");
  assertThrows(() => resnet18({ imageSize: 0 }), RangeError, "imageSize");
  assertThrows(() => resnet18({ dropout: 1 }), RangeError, "dropout");
  assertThrows(() => resnet18({ std: [1, 0, 1] }), RangeError, "std[1]");
  assertThrows(() => resnet18({ mean: [0] }), RangeError, "mean");
  assertThrows(() => resnet18({ channels: 1, std: [1, 1, 1] }), RangeError, "std to have 1");
  assertThrows(() => resnet18({ imageSize: [32, 2.5] }), RangeError, "found 2.5");
  assertThrows(() => resnet18({ stem: "other" as "cifar" }), RangeError, "stem");
  const model = resnet18();
  assertThrows(() => model.forward(images(1, 28)), RangeError, "28");
  model.dispose();
});
