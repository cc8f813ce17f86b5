import { tf } from "../../lib/backend/tf.ts";
import { isWorse, selectImages, WorstCase } from "../../lib/attacks/_worst_case.ts";
import { assert, assertEquals, assertThrows } from "../../lib/assert/mod.ts";

Deno.test("a success is worse than any failure, then the larger loss is", () => {
  const score = (fooled: boolean, loss: number) => ({ fooled, loss });
  assert(isWorse(score(true, 0.1), score(false, 9)));
  assert(!isWorse(score(false, 9), score(true, 0.1)));
  assert(isWorse(score(true, 2), score(true, 1)));
  assert(isWorse(score(false, 2), score(false, 1)));
  assert(!isWorse(score(false, 1), score(false, 1)));
  assert(!isWorse(score(true, NaN), score(true, 1)));
});

Deno.test("the worst case is kept image by image", () => {
  const points = (value: number) => tf.fill([3, 1, 1, 1], value) as tf.Tensor4D;
  const worst = new WorstCase({ labels: [0, 0, 0], targeted: false });
  worst.offer(points(1), tf.tensor2d([[1, 0], [0, 1], [1, 0]]), tf.tensor1d([3, 1, 1]));
  worst.offer(points(2), tf.tensor2d([[0, 1], [1, 0], [1, 0]]), tf.tensor1d([1, 9, 2]));
  worst.offer(points(3), tf.tensor2d([[1, 0], [0, 1], [1, 0]]), tf.tensor1d([9, 1, 2]));
  assertEquals([...worst.take().dataSync()], [2, 1, 2]);
  assertThrows(() => worst.take(), Error, "No point");
});

Deno.test("targeted, reaching the class is the success and the smaller loss the worse", () => {
  const points = (value: number) => tf.fill([2, 1, 1, 1], value) as tf.Tensor4D;
  const worst = new WorstCase({ labels: [1, 1], targeted: true });
  worst.offer(points(1), tf.tensor2d([[1, 0], [1, 0]]), tf.tensor1d([2, 2]));
  worst.offer(points(2), tf.tensor2d([[0, 1], [1, 0]]), tf.tensor1d([5, 1]));
  worst.offer(points(3), tf.tensor2d([[1, 0], [1, 0]]), tf.tensor1d([1, 3]));
  assertEquals([...worst.take().dataSync()], [2, 2]);
});

Deno.test("images are chosen by their flag", () => {
  const [ones, twos] = [tf.ones([2, 1, 2, 1]), tf.fill([2, 1, 2, 1], 2)] as [
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  assertEquals([...selectImages([false, true], ones, twos).dataSync()], [2, 2, 1, 1]);
});
