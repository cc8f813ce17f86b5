import { tf } from "../../lib/backend/tf.ts";
import { crossEntropy } from "../../lib/losses/cross_entropy.ts";
import { tradesLoss } from "../../lib/losses/trades.ts";
import { assert, assertAlmostEquals, assertThrows } from "../../lib/assert/mod.ts";
import { assertVectors, readLossGoldens } from "./_golden.ts";

const ints = (values: readonly number[]) => tf.tensor1d([...values], "int32");

Deno.test("TRADES' loss and both gradients equal an independent implementation's", async () => {
  for (const golden of (await readLossGoldens()).trades) {
    const { classes, labels, beta } = golden;
    const shape: [number, number] = [labels.length, classes];
    const clean = tf.tensor2d([...golden.clean], shape);
    const adversarial = tf.tensor2d([...golden.adversarial], shape);
    const loss = (a: tf.Tensor, b: tf.Tensor) =>
      tradesLoss(a as tf.Tensor2D, b as tf.Tensor2D, ints(labels), { beta });
    assertAlmostEquals(loss(clean, adversarial).dataSync()[0]! / golden.loss, 1, 1e-6);
    const [dClean, dAdversarial] = tf.grads(loss)([clean, adversarial]);
    assertVectors(dClean!.dataSync(), golden.gradientClean, 1e-5);
    assertVectors(dAdversarial!.dataSync(), golden.gradientAdversarial, 1e-5);
  }
});

Deno.test("with equal logits or beta 0 only the cross entropy remains", () => {
  const clean = tf.tensor2d([[1, 2, 0], [0, -1, 3]]);
  const other = tf.tensor2d([[0, 5, 0], [2, 2, 2]]);
  const plain = crossEntropy(clean, ints([0, 2])).dataSync()[0]!;
  assertAlmostEquals(tradesLoss(clean, clean, ints([0, 2])).dataSync()[0]!, plain, 1e-6);
  assertAlmostEquals(
    tradesLoss(clean, other, ints([0, 2]), { beta: 0 }).dataSync()[0]!,
    plain,
    1e-6,
  );
});

Deno.test("TRADES' loss is finite for extreme logits and refuses bad arguments", () => {
  const clean = tf.tensor2d([[3e38, -3e38]]);
  const adversarial = tf.tensor2d([[-3e38, 3e38]]);
  const loss = tradesLoss(clean, adversarial, ints([1])).dataSync()[0]!;
  assert(Number.isFinite(loss) && loss > 0);
  assertThrows(() => tradesLoss(clean, clean, ints([0]), { beta: -1 }), RangeError, "beta");
  const misshapen = tf.zeros([1, 3]) as tf.Tensor2D;
  assertThrows(() => tradesLoss(clean, misshapen, ints([0])), RangeError, "logitsAdversarial");
});
