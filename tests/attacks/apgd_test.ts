import { tf } from "../../lib/backend/tf.ts";
import { predict } from "../../lib/attacks/answers.ts";
import { reviewPeriods, StepControl } from "../../lib/attacks/_apgd_schedule.ts";
import { dlrObjective } from "../../lib/attacks/_dlr_loss.ts";
import { fooledByApgd } from "../../lib/attacks/_fooled_by_apgd.ts";
import { apgd } from "../../lib/attacks/apgd.ts";
import { pgd } from "../../lib/attacks/pgd.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { counting, ints, meanLoss, randomImages, sameBits } from "./_batch.ts";
import { convolutionalModel, seededWeights } from "./_convolutional_model.ts";
import { linearClassifier } from "../../lib/nn/linear_classifier.ts";

const model = convolutionalModel(seededWeights(3));
const x = randomImages(24, model.inputShape, 9);
const y = ints(predict(model, x));
const wrong = (images: tf.Tensor4D, labels = y.dataSync()) =>
  [...predict(model, images)].map((k, image) => k !== labels[image]);
const count = (flags: readonly boolean[]) => flags.filter(Boolean).length;

Deno.test("step sizes are reviewed after 22 % of 100 steps, then 19, 16, ... down to 6 %", () => {
  assertEquals(reviewPeriods(100), [22, 19, 16, 13, 10, 7, 6, 6]);
  assertEquals(reviewPeriods(10), [2, 1, 1, 1, 1, 1, 1, 1, 1]);
  assertEquals(reviewPeriods(1), [1]);
  assertEquals(reviewPeriods(2), [1, 1]);
});

Deno.test("a step is halved when the loss rose in at most 75 % of the period", () => {
  const run = (losses: readonly number[]) => {
    const control = new StepControl(2);
    losses.forEach((loss) => control.record(loss));
    return { halved: control.review(losses.length - 1), stepSize: control.stepSize };
  };
  assertEquals(run([0, 1, 2, 3, 4]), { halved: false, stepSize: 2 });
  assertEquals(run([0, 1, 2, 1, 2]), { halved: true, stepSize: 1 }); // 3 rises of 4
});

Deno.test("a step is halved when neither it nor the best loss changed since the last review", () => {
  const control = new StepControl(2);
  [0, 5, 6, 7, 8].forEach((loss) => control.record(loss));
  assertEquals(control.review(4), false);
  [1, 2, 3, 4].forEach((loss) => control.record(loss)); // one fall, three rises: condition 1 needs > 3
  assertEquals(control.review(4), true);
  const rising = new StepControl(2);
  [0, 5, 6, 7, 8].forEach((loss) => rising.record(loss));
  rising.review(4);
  [-4, -3, -2, -1, 0, 1, 2, 3].forEach((loss) => rising.record(loss)); // 7 of 8 rise, best stays 8
  assertEquals(rising.review(8), true);
  [4, 5, 6, 7].forEach((loss) => rising.record(loss)); // just halved: condition 2 waits
  assertEquals(rising.review(4), false);
});

Deno.test("record tells the highest loss so far, the start's included", () => {
  const control = new StepControl(1);
  assertEquals([3, 2, 3, 4].map((loss) => control.record(loss)), [true, false, false, true]);
});

Deno.test("the difference of logits ratio of hand-made logits", () => {
  const logits = tf.tensor2d([[5, 3, 1, 0], [5, 3, 1, 0], [2, 2, 2, 2]]);
  const losses = dlrObjective([0, 2, 1])(logits).dataSync();
  assertAlmostEquals(losses[0]!, -(5 - 3) / (5 - 1), 1e-6);
  assertAlmostEquals(losses[1]!, -(1 - 5) / (5 - 1), 1e-6);
  assertEquals(losses[2], -0);
});

Deno.test("the difference of logits ratio does not change with the logits' scale", () => {
  const logits = tf.tensor2d([[5, 3, 1, -2], [0.5, 0.25, 4, 3]]);
  const plain = dlrObjective([0, 1])(logits).dataSync();
  const scaled = dlrObjective([0, 1])(tf.mul(logits, 1e4)).dataSync();
  plain.forEach((loss, k) => assertAlmostEquals(scaled[k]!, loss, 1e-6));
});

Deno.test("on a linear model APGD finds the corner of the box with either loss", () => {
  const rows = [[1, -2, 0.5, 3], [-1, 2, -0.5, -3], [-8, -8, -8, -8]];
  const line = linearClassifier(rows);
  const grey = tf.fill([1, 1, 1, 4], 0.5) as tf.Tensor4D;
  for (const loss of ["ce", "dlr"] as const) {
    const result = apgd(line, grey, ints([0]), { epsilon: 0.1, steps: 10, loss }).dataSync();
    rows[0]!.forEach((w, k) => assertAlmostEquals(result[k]!, 0.5 - 0.1 * Math.sign(w), 1e-6));
  }
});

Deno.test("APGD is at least as strong as PGD with as many steps", () => {
  for (const epsilon of [0.01, 0.02, 0.04]) {
    const options = { epsilon, steps: 20, seed: 1 };
    const adaptive = apgd(model, x, y, options);
    const fixed = pgd(model, x, y, options);
    assert(count(wrong(adaptive)) >= count(wrong(fixed)), `at ${epsilon}`);
    assert(meanLoss(model, adaptive, y) >= 0.99 * meanLoss(model, fixed, y), `loss at ${epsilon}`);
  }
});

Deno.test("an image that is wrong unharmed stays wrong", () => {
  const labels = [...y.dataSync()].map((label, image) => image < 5 ? (label + 1) % 10 : label);
  for (const epsilon of [1e-4, 0.05]) {
    for (const loss of ["ce", "dlr"] as const) {
      const result = apgd(model, x, ints(labels), { epsilon, steps: 3, loss });
      assertEquals(wrong(result, Int32Array.from(labels)).slice(0, 5), Array(5).fill(true));
    }
  }
});

Deno.test("letting go of fooled images does not change who is fooled", () => {
  for (const loss of ["ce", "dlr"] as const) {
    const options = { epsilon: 0.02, steps: 20, loss, seed: 2 };
    const flags = fooledByApgd(model, x, y, options);
    const expected = wrong(apgd(model, x, y, options));
    assert(count(expected) > 2 && count(expected) < 22, `${count(expected)} are fooled`);
    assertEquals(flags, expected);
  }
});

Deno.test("letting go of fooled images saves their forward passes and leaves no tensor behind", () => {
  const calls: number[] = [];
  const options = { epsilon: 0.03, steps: 30 };
  fooledByApgd(counting(model, calls), x, y, options);
  const images = calls.reduce((sum, n) => sum + n, 0);
  assert(images < 24 * 32 * 0.8, `${images} images were evaluated`);
  const before = tf.memory().numTensors;
  fooledByApgd(model, x, y, options);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("APGD works with one and two steps", () => {
  for (const steps of [1, 2]) {
    const result = apgd(model, x, y, { epsilon: 0.05, steps });
    assert(meanLoss(model, result, y) > meanLoss(model, x, y));
    assert(!sameBits(result, x));
  }
});

Deno.test("APGD's options out of range are refused", () => {
  const refused = (options: object, name: string) =>
    assertThrows(() => apgd(model, x, y, { epsilon: 0.1, ...options }), RangeError, name);
  for (const steps of [0, 2.5, -1]) refused({ steps }, "steps");
  refused({ loss: "cw" }, "loss");
  const two = linearClassifier([[1, 0], [0, 1]]);
  const pixel = tf.zeros([1, 1, 1, 2]) as tf.Tensor4D;
  assertThrows(
    () => apgd(two, pixel, ints([0]), { epsilon: 0.1, loss: "dlr" }),
    RangeError,
    "[3, inf) but found 2",
  );
});
