/** What every attack must keep, whatever the model: the box, the range, the bits, the model. */
import fc from "fast-check";
import { tf } from "../../lib/backend/tf.ts";
import { apgd } from "../../lib/attacks/apgd.ts";
import { fgsm } from "../../lib/attacks/fgsm.ts";
import { randomNoise } from "../../lib/attacks/noise.ts";
import { pgd } from "../../lib/attacks/pgd.ts";
import { square } from "../../lib/attacks/square.ts";
import { tradesPerturbation } from "../../lib/attacks/trades_perturbation.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { resnet18 } from "../../lib/nn/resnet18.ts";
import { assert, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { distance, ints, randomImages, sameBits } from "./_batch.ts";
import { convolutionalModel } from "./_convolutional_model.ts";

type Attack = (
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: { epsilon: number; seed?: number },
) => tf.Tensor4D;

const attacks: Readonly<Record<string, Attack>> = {
  fgsm: (model, x, y, { epsilon }) => fgsm(model, x, y, { epsilon }),
  pgd: (model, x, y, options) => pgd(model, x, y, { ...options, steps: 3 }),
  "pgd, best of two restarts": (model, x, y, options) =>
    pgd(model, x, y, { ...options, steps: 2, restarts: 2, keepBest: true }),
  "apgd-ce": (model, x, y, options) => apgd(model, x, y, { ...options, steps: 6 }),
  "apgd-dlr": (model, x, y, options) => apgd(model, x, y, { ...options, steps: 6, loss: "dlr" }),
  square: (model, x, y, options) => square(model, x, y, { ...options, queries: 12 }),
  noise: (_model, x, _y, options) => randomNoise(x, options),
  trades: (model, x, _y, options) => tradesPerturbation(model, x, { ...options, steps: 3 }),
};
const drawing = Object.entries(attacks).filter(([name]) => name !== "fgsm");

const model = convolutionalModel();
const x = randomImages(6, model.inputShape);
const y = ints([0, 1, 2, 3, 4, 5]);

for (const [name, attack] of Object.entries(attacks)) {
  Deno.test(`${name}: epsilon 0 returns x bit for bit, as a tensor of its own`, () => {
    const result = attack(model, x, y, { epsilon: 0 });
    assert(sameBits(result, x));
    result.dispose();
    assert(!x.isDisposed);
  });

  Deno.test(`${name}: the result stays within epsilon of x and in [0, 1]`, () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1, noNaN: true }), fc.integer(), (epsilon, seed) => {
        const result = attack(model, x, y, { epsilon, seed });
        assertEquals(result.shape, x.shape);
        assert(distance(result, x) <= epsilon + 1e-7, `left the box of ${epsilon}`);
        const values = result.dataSync();
        assert(values.every((pixel) => pixel >= 0 && pixel <= 1), "left [0, 1]");
        assert(!sameBits(result, x), "nothing was changed");
        result.dispose();
      }),
      { numRuns: 8 },
    );
  });

  Deno.test(`${name}: no tensor is left behind but the result`, () => {
    const options = { epsilon: 0.1 };
    attack(model, x, y, options).dispose();
    const before = tf.memory().numTensors;
    for (let run = 0; run < 3; run++) attack(model, x, y, options).dispose();
    assertEquals(tf.memory().numTensors, before);
  });

  Deno.test(`${name}: weights, statistics, images and labels are left alone`, () => {
    const network = resnet18({ imageSize: 8, seed: 2 });
    const images = randomImages(3, [8, 8, 3]);
    const state = () =>
      [...network.parameters.values(), ...network.buffers.values(), images].map((tensor) =>
        tensor.dataSync().slice()
      );
    const before = state();
    const labels = ints([1, 2, 3]);
    attack(network, images, labels, { epsilon: 0.1 }).dispose();
    assertEquals(state(), before);
    assertEquals([...labels.dataSync()], [1, 2, 3]);
    network.dispose();
  });

  Deno.test(`${name}: epsilon out of range, bytes, wrong ranks and types are refused`, () => {
    for (const epsilon of [-0.1, 1.01, NaN, Infinity]) {
      assertThrows(() => attack(model, x, y, { epsilon }), RangeError, "epsilon");
    }
    const bytes = tf.mul<tf.Tensor4D>(x, 255);
    assertThrows(() => attack(model, bytes, y, { epsilon: 0.1 }), RangeError, "pixels of x");
    const nan = tf.fill(x.shape, NaN) as tf.Tensor4D;
    assertThrows(() => attack(model, nan, y, { epsilon: 0.1 }), RangeError, "pixels of x");
    const integers = tf.cast(x, "int32");
    assertThrows(() => attack(model, integers, y, { epsilon: 0.1 }), TypeError, "float32");
    const empty = tf.zeros([0, 8, 8, 3]) as tf.Tensor4D;
    assertThrows(() => attack(model, empty, ints([]), { epsilon: 0.1 }), RangeError, "x");
    bytes.dispose();
  });

  if (name !== "noise" && name !== "trades") {
    Deno.test(`${name}: labels that do not fit are refused`, () => {
      const refused = (labels: tf.Tensor1D, kind: typeof RangeError, text: string) =>
        assertThrows(() => attack(model, x, labels, { epsilon: 0.1 }), kind, text);
      refused(ints([0, 1, 2, 3, 4, 10]), RangeError, "y[5]");
      refused(ints([-1, 1, 2, 3, 4, 5]), RangeError, "y[0]");
      refused(ints([0, 1]), RangeError, "6 samples");
      refused(tf.tensor1d([0, 1, 2, 3, 4, 5]), TypeError, "int32");
    });

    Deno.test(`${name}: a model whose logits are NaN is an error, not a result`, () => {
      const broken: Classifier = {
        ...model,
        forward(pixels) {
          const { logits, features } = model.forward(pixels);
          return { logits: tf.mul(logits, NaN), features };
        },
      };
      assertThrows(() => attack(broken, x, y, { epsilon: 0.1 }), Error, "finite");
    });
  }
}

for (const [name, attack] of drawing) {
  Deno.test(`${name}: the same seed gives the same bits, another seed others`, () => {
    const run = (seed: number) => attack(model, x, y, { epsilon: 0.1, seed });
    assert(sameBits(run(3), run(3)));
    assert(!sameBits(run(3), run(4)));
    assertThrows(() => attack(model, x, y, { epsilon: 0.1, seed: 0.5 }), RangeError, "seed");
  });
}

Deno.test("an image's noise and random start depend on its place, not on its batch", () => {
  const rest = tf.slice(x, [4, 0, 0, 0], [2, -1, -1, -1]) as tf.Tensor4D;
  const options = { epsilon: 0.1, seed: 5 };
  const positions = [4, 5];
  const sameRest = (whole: tf.Tensor4D, part: tf.Tensor4D) =>
    distance(tf.slice(whole, [4, 0, 0, 0], [2, -1, -1, -1]), part) < 1e-6;
  assert(sameRest(randomNoise(x, options), randomNoise(rest, { ...options, positions })));
  const last = ints([4, 5]);
  for (const norm of ["linf", "l2"] as const) {
    const still = { ...options, norm, stepSize: 0 };
    assert(sameRest(pgd(model, x, y, still), pgd(model, rest, last, { ...still, positions })));
  }
  assert(
    sameRest(square(model, x, y, options), square(model, rest, last, { ...options, positions })),
  );
  assertThrows(() => randomNoise(x, { ...options, positions }), RangeError, "positions");
});

Deno.test("noise is uniform: its mean is 0 and its variance a third of epsilon squared", () => {
  const grey = tf.fill([20, 16, 16, 3], 0.5) as tf.Tensor4D;
  const { mean, variance } = tf.moments(tf.sub(randomNoise(grey, { epsilon: 0.2, seed: 1 }), grey));
  assert(Math.abs(mean.dataSync()[0]!) < 0.004);
  assert(Math.abs(variance.dataSync()[0]! / (0.04 / 3) - 1) < 0.05);
});
