import { tf } from "../../lib/backend/tf.ts";
import { predict } from "../../lib/attacks/answers.ts";
import { squareSide } from "../../lib/attacks/_square_search.ts";
import { square } from "../../lib/attacks/square.ts";
import { randomNoise } from "../../lib/attacks/noise.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { counting, ints, randomImages, sameBits } from "./_batch.ts";
import { convolutionalModel, seededWeights } from "./_convolutional_model.ts";

const model = convolutionalModel(seededWeights(3));
const x = randomImages(16, model.inputShape, 9);
const y = ints(predict(model, x));

const wrongCount = (images: tf.Tensor4D) => {
  const labels = y.dataSync();
  return predict(model, images).filter((k, image) => k !== labels[image]).length;
};

Deno.test("the squares shrink on the paper's schedule, rescaled to the budget", () => {
  // p = 0.8 / 2^k of 32 x 32 pixels; the halvings come after 10, 50, 200, ... of 10,000 queries.
  const side = (p: number) => Math.round(Math.sqrt(p * 1024));
  assertEquals(squareSide(10, 10_000, 32, 32), side(0.8));
  assertEquals(squareSide(11, 10_000, 32, 32), side(0.4));
  assertEquals(squareSide(51, 10_000, 32, 32), side(0.2));
  assertEquals(squareSide(9000, 10_000, 32, 32), side(0.8 / 512));
  assertEquals(squareSide(1, 1000, 32, 32), side(0.8));
  assertEquals(squareSide(2, 1000, 32, 32), side(0.4));
  assertEquals(squareSide(999, 1000, 8, 8), 1);
});

Deno.test("every pixel of the result lies on an edge of the box: stripes and squares of +-epsilon", () => {
  const epsilon = 0.02;
  const result = square(model, x, y, { epsilon, queries: 40 });
  const labels = y.dataSync();
  const clean = predict(model, x);
  assertEquals([...clean], [...labels]);
  const [before, after] = [x.dataSync(), result.dataSync()];
  before.forEach((pixel, k) => {
    const edges = [Math.max(pixel - epsilon, 0), Math.min(pixel + epsilon, 1)];
    const nearest = Math.min(...edges.map((edge) => Math.abs(edge - after[k]!)));
    assertAlmostEquals(nearest, 0, 1e-6);
  });
});

/** A model that notes every image it is asked about; its logits are the wrapped model's. */
function recording(asked: Float32Array[], inner: Classifier = model): Classifier {
  return {
    ...inner,
    forward(batch) {
      asked.push(batch.dataSync<"float32">().slice());
      return inner.forward(batch);
    },
  };
}

Deno.test("the result is the proposal of lowest margin: no worse one is ever accepted", () => {
  const margins = (pixels: Float32Array) => {
    const { logits } = model.forward(tf.tensor4d(pixels, [1, 8, 8, 3]));
    const [best, second] = [...logits.dataSync()].sort((a, b) => b - a);
    return best! - second!;
  };
  const one = tf.slice4d(x, [0, 0, 0, 0], [1, -1, -1, -1]);
  const asked: Float32Array[] = [];
  const options = { epsilon: 0.002, queries: 60 }; // too little to fool: all queries are spent
  const result = square(recording(asked), one, tf.slice1d(y, 0, 1), options);
  assertEquals(asked.length, 60);
  const proposals = asked.slice(1).map(margins);
  const final = margins(result.dataSync<"float32">());
  assertAlmostEquals(final, Math.min(...proposals), 1e-6);
  assert(final < proposals[0]!);
});

Deno.test("every proposal is one square of one colour, and squares reach every corner", () => {
  // Constant logits: no proposal is ever accepted, so each differs from the stripes by its square.
  const indifferent: Classifier = {
    ...model,
    forward(batch) {
      const n = batch.shape[0];
      const logits = tf.tile(tf.tensor2d([[1, ...Array(9).fill(0)]]), [n, 1]) as tf.Tensor2D;
      return { logits, features: logits };
    },
  };
  const grey = tf.fill([1, 8, 8, 3], 0.5) as tf.Tensor4D;
  const asked: Float32Array[] = [];
  square(recording(asked, indifferent), grey, ints([0]), { epsilon: 0.25, queries: 300 });
  const [, stripes, ...proposals] = asked;
  const touched = new Set<number>();
  for (const [k, proposal] of proposals.entries()) {
    const side = squareSide(k, 300, 8, 8);
    for (let channel = 0; channel < 3; channel++) {
      const changed: number[] = [];
      proposal.forEach((pixel, at) => {
        if (at % 3 === channel && pixel !== stripes![at]) changed.push(at);
      });
      assertEquals(new Set(changed.map((at) => proposal[at])).size <= 1, true);
      const rows = changed.map((at) => Math.floor(at / 24));
      const columns = changed.map((at) => Math.floor(at / 3) % 8);
      if (changed.length > 0) {
        assert(Math.max(...rows) - Math.min(...rows) < side, "rows of the square");
        assert(Math.max(...columns) - Math.min(...columns) < side, "columns of the square");
      }
      for (const at of changed) touched.add(Math.floor(at / 3));
    }
  }
  for (const corner of [0, 7, 56, 63]) {
    assert(touched.has(corner), `corner ${corner} is never changed`);
  }
});

Deno.test("more queries never fool fewer images, and random search beats random noise", () => {
  const fooled = [2, 20, 400].map((queries) =>
    wrongCount(square(model, x, y, { epsilon: 0.05, queries, seed: 1 }))
  );
  assert(fooled[0]! <= fooled[1]! && fooled[1]! <= fooled[2]!, String(fooled));
  assert(fooled[2]! > fooled[0]!, String(fooled));
  assert(fooled[2]! > wrongCount(randomNoise(x, { epsilon: 0.05, seed: 1 })));
});

Deno.test("no image is asked about more often than the budget, and a fooled one no more", () => {
  const calls: number[] = [];
  square(counting(model, calls), x, y, { epsilon: 0.05, queries: 30 });
  assert(calls.length <= 30);
  assert(calls.every((images, k) => k === 0 || images <= calls[k - 1]!), String(calls));
  assert(calls.at(-1)! < 16);
  const one: number[] = [];
  assert(sameBits(square(counting(model, one), x, y, { epsilon: 0.05, queries: 1 }), x));
  assertEquals(one, [16]);
});

Deno.test("it sees logits only: a model without gradients is fooled all the same", () => {
  const opaque: Classifier = {
    ...model,
    forward(batch) {
      const { logits, features } = model.forward(batch);
      return { logits: tf.tensor2d(logits.arraySync()), features };
    },
  };
  const options = { epsilon: 0.05, queries: 60 };
  assert(sameBits(square(opaque, x, y, options), square(model, x, y, options)));
});

Deno.test("an image that is misclassified from the start is returned as it is", () => {
  const others = ints([...y.dataSync()].map((label) => (label + 1) % 10));
  assert(sameBits(square(model, x, others, { epsilon: 0.1 }), x));
});

Deno.test("Square's options out of range are refused", () => {
  for (const queries of [0, -5, 1.5]) {
    assertThrows(() => square(model, x, y, { epsilon: 0.1, queries }), RangeError, "queries");
  }
});
