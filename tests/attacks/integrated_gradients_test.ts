import { integratedGradients } from "../../lib/attacks/integrated_gradients.ts";
import { parameterRandomizationCheck } from "../../lib/attacks/parameter_randomization_check.ts";
import { tf } from "../../lib/backend/tf.ts";
import { linearClassifier } from "../../lib/nn/linear_classifier.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import golden from "../golden/integrated_gradients.json" with { type: "json" };
import { fillWithFormula, formulaUniform } from "../golden/formula_weights.ts";

const { n, side, steps, labels } = golden;

function goldenBatch() {
  const pixels = formulaUniform("integrated", n * side * side * 3)
    .map((value) => Math.fround(Math.floor(256 * value) / Math.fround(255)));
  const x = tf.tensor4d(Float32Array.from(pixels), [n, side, side, 3]);
  return { x, y: tf.tensor1d(labels, "int32") };
}

function close(found: number, expected: number, room: number): void {
  assertAlmostEquals(found, expected, room * Math.max(1e-3, Math.abs(expected)));
}

Deno.test("attributions are captum's, from two baselines", () => {
  const model = resnet18({ stem: "cifar", imageSize: side });
  fillWithFormula(model);
  const { x, y } = goldenBatch();
  for (const [baseline, expected] of Object.entries(golden.baselines)) {
    const found = integratedGradients(model, x, y, { steps, baseline: Number(baseline) });
    const values = found.dataSync<"float32">();
    const size = side * side * 3;
    for (let image = 0; image < n; image++) {
      const part = values.subarray(image * size, (image + 1) * size);
      close(Math.hypot(...part), expected.norms[image]!, 1e-2);
      close(part.reduce((sum, one) => sum + one, 0), expected.sums[image]!, 1e-2);
    }
    const largest = Math.max(...expected.sample.map(Math.abs));
    expected.sample.forEach((one, k) => assertAlmostEquals(values[7 * k]!, one, 1e-2 * largest));
    found.dispose();
  }
  tf.dispose([x, y]);
  model.dispose();
});

Deno.test("attributions add up to the change of the logit", () => {
  const model = resnet18({ stem: "cifar", imageSize: 8, seed: 2 });
  const x = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 3], 0, 1, "float32", 4);
  const y = tf.tensor1d([1, 6], "int32");
  integratedGradients(model, x, y, { steps: 1 }).dispose(); // the model has its caches now
  const { numTensors } = tf.memory();
  const found = integratedGradients(model, x, y, { steps: 100 });
  assertEquals(tf.memory().numTensors, numTensors + 1);
  const logits = (images: tf.Tensor4D) => model.forward(images).logits.arraySync();
  const [there, here] = [logits(x), logits(tf.zerosLike(x))];
  const sums = tf.sum(found, [1, 2, 3]).dataSync();
  [1, 6].forEach((label, image) => {
    const change = there[image]![label]! - here[image]![label]!;
    assertAlmostEquals(sums[image]!, change, 0.02 * Math.max(1, Math.abs(change)));
  });
  model.dispose();
});

Deno.test("shuffled parameters change the explanation, and are put back", () => {
  const model = resnet18({ stem: "cifar", imageSize: 8, seed: 2 });
  const before = [...model.parameters.values()].map((one) => one.dataSync().slice());
  const x = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 3], 0, 1, "float32", 4);
  const options = { steps: 5, seed: 1 };
  const y = tf.tensor1d([1, 6], "int32");
  const stages = parameterRandomizationCheck(model, x, y, options);
  const { numTensors } = tf.memory();
  assertEquals(stages.map(({ upTo }) => upTo), [
    "fc",
    "layer4",
    "layer3",
    "layer2",
    "layer1",
    "bn1",
    "conv1",
  ]);
  assert(stages.at(-1)!.correlation < 0.7);
  assertEquals([...model.parameters.values()].map((one) => one.dataSync().slice()), before);
  assertEquals(parameterRandomizationCheck(model, x, y, options), stages);
  assertEquals(tf.memory().numTensors, numTensors);
  model.dispose();
});

Deno.test("options, images and classes out of range are refused", () => {
  const model = linearClassifier([[1, -2], [0, 4]]);
  const x = tf.tensor4d([0.5, 0.25], [1, 1, 1, 2]);
  const y = tf.tensor1d([0], "int32");
  assertThrows(() => integratedGradients(model, x, y, { steps: 0 }), RangeError, "steps");
  assertThrows(() => integratedGradients(model, x, y, { baseline: 2 }), RangeError, "baseline");
  const five = tf.tensor1d([5], "int32");
  assertThrows(() => integratedGradients(model, x, five), RangeError, "5");
});
