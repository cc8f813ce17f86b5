import fc from "fast-check";
import { tf } from "../../lib/backend/tf.ts";
import { circleLoss } from "../../lib/losses/circle_loss.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { assertVectors, readLossGoldens } from "./_golden.ts";

const ints = (values: readonly number[]) => tf.tensor1d([...values], "int32");

function valueAndGradient(
  embeddings: tf.Tensor2D,
  labels: readonly number[],
  options: { margin?: number; gamma?: number } = {},
) {
  const loss = (e: tf.Tensor) => circleLoss(e as tf.Tensor2D, ints(labels), options);
  const { value, grad } = tf.valueAndGrad(loss)(embeddings);
  return { value: value.dataSync()[0]!, gradient: grad.dataSync() };
}

Deno.test("Circle Loss and its gradient equal pytorch-metric-learning's", async () => {
  for (const golden of (await readLossGoldens()).circle) {
    const { dimension, labels, margin, gamma } = golden;
    const embeddings = tf.tensor2d([...golden.embeddings], [labels.length, dimension]);
    const { value, gradient } = valueAndGradient(embeddings, labels, { margin, gamma });
    assertAlmostEquals(value / golden.loss, 1, 1e-5);
    assertVectors(gradient, golden.gradient, 1e-4);
  }
});

Deno.test("with one positive and one negative the loss is a softplus of two weighted terms", () => {
  // Unit vectors at 0, 60 and 120 degrees: similarities 1/2 between neighbours, -1/2 across.
  const h = Math.sqrt(3) / 2;
  const embeddings = tf.tensor2d([[1, 0], [0.5, h], [-0.5, h]]);
  const term = (positive: number, negative: number, m: number, gamma: number) =>
    Math.log1p(Math.exp(
      gamma * Math.max(0, negative + m) * (negative - m) -
        gamma * Math.max(0, 1 + m - positive) * (positive - (1 - m)),
    ));
  const expected = (term(0.5, -0.5, 0.25, 2) + term(0.5, 0.5, 0.25, 2)) / 2;
  const loss = circleLoss(embeddings, ints([0, 0, 1]), { margin: 0.25, gamma: 2 });
  assertAlmostEquals(loss.dataSync()[0]!, expected, 1e-6);
});

Deno.test("the weights are held constant in the gradient", () => {
  // On the circle, s = cos(angle); the derivative of softplus(u) in the angle of the anchor's only
  // partner is sigmoid(u) du, with u's weights constant.
  const angle = 1;
  const [m, gamma] = [0.4, 3];
  const embeddings = tf.tensor2d([[1, 0], [1, 0], [Math.cos(angle), Math.sin(angle)]]);
  const { gradient } = valueAndGradient(embeddings, [0, 0, 1], { margin: m, gamma });
  const s = Math.cos(angle);
  const u = gamma * (s + m) * (s - m) - gamma * m * m;
  const slope = gamma * (s + m) / (1 + Math.exp(-u)); // d u / d s without the weight's own slope
  // Both anchors 0 and 1 push on row 2, whose tangential direction is (-sin, cos).
  const tangential = -Math.sin(angle) * gradient[4]! + Math.cos(angle) * gradient[5]!;
  assertAlmostEquals(tangential, slope * -Math.sin(angle), 1e-5);
});

Deno.test("without any pair the loss is 0 and so is its gradient", () => {
  const embeddings = tf.tensor2d([[1, 2], [3, 4], [-1, 0.5]]);
  for (const labels of [[0, 0, 0], [0, 1, 2]]) {
    const { value, gradient } = valueAndGradient(embeddings, labels);
    assertEquals(value, 0);
    assert(gradient.every((slope) => slope === 0));
  }
  assertEquals(circleLoss(tf.tensor2d([[1, 2]]), ints([0])).dataSync()[0], 0);
});

Deno.test("an anchor without a positive takes no part in the mean", () => {
  const pair = [[1, 0.2], [0.3, 1], [-1, 0.4]];
  const single = valueAndGradient(tf.tensor2d(pair), [0, 0, 1], { gamma: 2 }).value;
  const doubled = valueAndGradient(tf.tensor2d([...pair, pair[2]!]), [0, 0, 1, 2], { gamma: 2 });
  // A second negative at the same place adds log 2 inside each anchor's softplus, no new anchor.
  const inside = (loss: number) => Math.log(Math.expm1(loss));
  assert(doubled.value > single && inside(doubled.value) < inside(single) + Math.LN2 + 1e-3);
});

const embeddingRows = fc.array(
  fc.array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 }),
  { minLength: 6, maxLength: 6 },
).filter((rows) => rows.every((row) => Math.hypot(...row) > 0.1));
const SIX_LABELS = [0, 1, 0, 2, 1, 0];

Deno.test("the length of an embedding does not matter, and its gradient is orthogonal to it", () => {
  const factors = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), {
    minLength: 6,
    maxLength: 6,
  });
  fc.assert(
    fc.property(embeddingRows, factors, (rows, scales) => {
      const options = { gamma: 4 };
      const plain = valueAndGradient(tf.tensor2d(rows), SIX_LABELS, options);
      const scaled = rows.map((row, k) => row.map((entry) => entry * scales[k]!));
      const { value } = valueAndGradient(tf.tensor2d(scaled), SIX_LABELS, options);
      assertAlmostEquals(value, plain.value, 1e-4);
      for (const [k, row] of rows.entries()) {
        const radial = row.reduce((sum, entry, d) => sum + entry * plain.gradient[k * 4 + d]!, 0);
        assertAlmostEquals(radial, 0, 1e-3);
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("the order of the batch does not matter", () => {
  fc.assert(
    fc.property(embeddingRows, (rows) => {
      const order = [3, 0, 5, 1, 4, 2];
      const straight = valueAndGradient(tf.tensor2d(rows), SIX_LABELS, { gamma: 8 });
      const permuted = valueAndGradient(
        tf.tensor2d(order.map((k) => rows[k]!)),
        order.map((k) => SIX_LABELS[k]!),
        { gamma: 8 },
      );
      assertAlmostEquals(permuted.value, straight.value, 1e-4);
    }),
    { numRuns: 30 },
  );
});

Deno.test("value and gradient are finite for zero, tiny and huge embeddings", () => {
  const rows = [[0, 0, 0], [1, 0, 0], [0, 0, 0], [1e-30, 0, 1e-30], [1e30, -1e30, 0], [0, 1, 1]];
  const { value, gradient } = valueAndGradient(tf.tensor2d(rows), [0, 0, 1, 1, 0, 1]);
  assert(Number.isFinite(value));
  assert(gradient.every(Number.isFinite), String(gradient));
  assert(gradient.slice(0, 3).every((slope) => slope === 0), "a zero row has no direction");
});

Deno.test("options and shapes out of range are refused", () => {
  const embeddings = tf.ones([2, 3]) as tf.Tensor2D;
  for (const gamma of [0, -1, NaN]) {
    assertThrows(() => circleLoss(embeddings, ints([0, 1]), { gamma }), RangeError, "gamma");
  }
  assertThrows(() => circleLoss(embeddings, ints([0, 1]), { margin: NaN }), RangeError, "margin");
  assertThrows(() => circleLoss(embeddings, ints([0])), RangeError, "labels");
  assertThrows(() => circleLoss(embeddings, tf.tensor1d([0, 1])), TypeError, "int32");
});

Deno.test("the loss leaves no tensor behind but its result", () => {
  const embeddings = tf.tensor2d([[1, 2], [0, 1], [2, 1]]);
  const labels = ints([0, 0, 1]);
  circleLoss(embeddings, labels).dispose();
  const before = tf.memory().numTensors;
  for (let k = 0; k < 5; k++) circleLoss(embeddings, labels).dispose();
  assertEquals(tf.memory().numTensors, before);
});
