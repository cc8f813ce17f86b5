import { tf } from "../../lib/backend/tf.ts";
import { fgsm } from "../../lib/attacks/fgsm.ts";
import { linearClassifier } from "../../lib/nn/linear_classifier.ts";
import { assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

Deno.test("logits are the weighted sums of the pixels plus the bias, in row-major order", () => {
  const weights = [[1, 2, 3, 4], [0, -1, 0, 0.5]];
  const model = linearClassifier(weights, { bias: [0.25, -1], inputShape: [2, 2, 1] });
  const pixels = [0.5, 0.25, 1, 0];
  const { logits, features } = model.forward(tf.tensor4d(pixels, [1, 2, 2, 1]));
  assertEquals([...logits.dataSync()], [0.5 + 0.5 + 3 + 0.25, -0.25 - 1]);
  assertEquals([...features.dataSync()], pixels);
  assertEquals([...model.parameters.keys()], ["fc.weight", "fc.bias"]);
});

Deno.test("FGSM lowers a linear model's margin by epsilon times the weights' l1 distance", () => {
  const model = linearClassifier([[1, -2, 0.5], [0.25, 1, -1]]);
  const x = tf.fill([1, 1, 1, 3], 0.5) as tf.Tensor4D;
  const margin = (images: tf.Tensor4D) => {
    const [first, second] = model.forward(images).logits.dataSync();
    return first! - second!;
  };
  const attacked = fgsm(model, x, tf.tensor1d([0], "int32"), { epsilon: 0.1 });
  assertAlmostEquals(margin(x) - margin(attacked), 0.1 * (0.75 + 3 + 1.5), 1e-6);
});

Deno.test("disposing a linear model frees its parameters, and a pass leaves only its results", () => {
  const before = tf.memory().numTensors;
  const model = linearClassifier([[1, 0], [0, 1]]);
  const x = tf.ones([3, 1, 1, 2]) as tf.Tensor4D;
  const { logits, features } = model.forward(x);
  assertEquals(tf.memory().numTensors, before + 2 + 1 + 2);
  tf.dispose([logits, features, x]);
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("weights, bias and shape that disagree are refused", () => {
  const square = [[1, 0], [0, 1]];
  assertThrows(() => linearClassifier([[1, 2]]), RangeError, "weights.length");
  assertThrows(() => linearClassifier([[1, 2], [1]]), RangeError, "weights[1]");
  assertThrows(() => linearClassifier(square, { bias: [1] }), RangeError, "bias");
  assertThrows(() => linearClassifier(square, { inputShape: [2, 2, 3] }), RangeError, "inputShape");
  assertThrows(() => linearClassifier([[1, NaN], [0, 1]]), RangeError, "NaN");
});
