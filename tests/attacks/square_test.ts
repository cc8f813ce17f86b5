import { tf } from "../../lib/backend/tf.ts";
import { predict } from "../../lib/attacks/_answers.ts";
import { squareSide } from "../../lib/attacks/_square_search.ts";
import { square } from "../../lib/attacks/square.ts";
import { randomNoise } from "../../lib/attacks/noise.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../assert.ts";
import { ints, randomImages, sameBits } from "./batch.ts";
import { convolutionalModel, seededWeights } from "./convolutional_model.ts";

const model = convolutionalModel(seededWeights(3));
const x = randomImages(16, model.inputShape, 9);
const y = ints(predict(model, x));

const wrongCount = (images: tf.Tensor4D) => {
  const labels = y.dataSync();
  return predict(model, images).filter((k, image) => k !== labels[image]).length;
};

/** A model that notes how many images each call asks about. */
function counting(calls: number[]): Classifier {
  return {
    ...model,
    forward(batch) {
      calls.push(batch.shape[0]);
      return model.forward(batch);
    },
  };
}

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
  square(counting(calls), x, y, { epsilon: 0.05, queries: 30 });
  assert(calls.length <= 30);
  assert(calls.every((images, k) => k === 0 || images <= calls[k - 1]!), String(calls));
  assert(calls.at(-1)! < 16);
  const one: number[] = [];
  assert(sameBits(square(counting(one), x, y, { epsilon: 0.05, queries: 1 }), x));
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
