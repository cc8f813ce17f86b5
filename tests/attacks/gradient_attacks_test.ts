/** FGSM and PGD where the answer is known, and how they relate. */
import fc from "fast-check";
import { tf } from "../../lib/backend/tf.ts";
import { fgsm } from "../../lib/attacks/fgsm.ts";
import { pgd } from "../../lib/attacks/pgd.ts";
import { tradesPerturbation } from "../../lib/attacks/trades_perturbation.ts";
import { predict } from "../../lib/attacks/answers.ts";
import { tradesLoss } from "../../lib/losses/trades.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { distance, ints, meanLoss, randomImages, sameBits } from "./_batch.ts";
import { convolutionalModel } from "./_convolutional_model.ts";
import { linearClassifier } from "../../lib/nn/linear_classifier.ts";

const model = convolutionalModel();
const x = randomImages(8, model.inputShape);
const y = ints(predict(model, x));
/** Two classes, logits +-w x: raising the loss of class 0 means to go against w. */
const WEIGHT = [1, -2, 0.5, -0.25, 3, 0];
const line = linearClassifier([WEIGHT, WEIGHT.map((entry) => -entry)]);
const grey = tf.fill([1, 1, 1, 6], 0.5) as tf.Tensor4D;

const pixels = (images: tf.Tensor) => [...images.dataSync()];
const assertClose = (actual: tf.Tensor, expected: readonly number[]) =>
  pixels(actual).forEach((pixel, k) => assertAlmostEquals(pixel, expected[k]!, 1e-6));

Deno.test("on a linear model FGSM and PGD move each pixel by epsilon against its weight", () => {
  const expected = WEIGHT.map((weight) => 0.5 - 0.1 * Math.sign(weight));
  assertClose(fgsm(line, grey, ints([0]), { epsilon: 0.1 }), expected);
  const start = { epsilon: 0.1, randomStart: false };
  assertClose(pgd(line, grey, ints([0]), start), expected);
});

Deno.test("on a linear model a random start only stays where the weight is 0", () => {
  const result = pixels(pgd(line, grey, ints([0]), { epsilon: 0.1, seed: 1 }));
  WEIGHT.forEach((weight, k) => {
    if (weight !== 0) assertAlmostEquals(result[k]!, 0.5 - 0.1 * Math.sign(weight), 1e-6);
    else assert(Math.abs(result[k]! - 0.5) <= 0.1 && result[k] !== 0.5);
  });
});

Deno.test("on a linear model l2 PGD moves by epsilon along the weights' direction", () => {
  const options = { epsilon: 0.2, norm: "l2", randomStart: false } as const;
  const length = Math.hypot(...WEIGHT);
  const expected = WEIGHT.map((weight) => 0.5 - 0.2 * weight / length);
  assertClose(pgd(line, grey, ints([0]), options), expected);
});

Deno.test("one step from a random start leaves three eighths of the pixels off the corners", () => {
  // From a uniform u in [-1, 1] budgets, 1.25 down: only u > 1/4 stays above the box's lower face.
  const weights = Array.from({ length: 3072 }, () => 1e-4);
  const flat = linearClassifier([weights, weights.map((weight) => -weight)], {
    inputShape: [32, 32, 3],
  });
  const start = tf.fill([1, 32, 32, 3], 0.5) as tf.Tensor4D;
  const inside = (stepSize?: number) => {
    const moved = pixels(pgd(flat, start, ints([0]), { epsilon: 0.1, steps: 1, stepSize }));
    return moved.filter((pixel) => pixel > 0.4 + 1e-6).length / moved.length;
  };
  assertAlmostEquals(inside(), 3 / 8, 0.035); // four standard errors of 3,072 pixels
  assertAlmostEquals(inside(0.125), inside(), 1e-12);
  assertEquals(inside(0.25), 0); // twice as far erases the random start
});

Deno.test("one step without a random start has the whole 2.5 epsilon, and ends as FGSM", () => {
  const once = pgd(model, x, y, { epsilon: 0.1, steps: 1, randomStart: false });
  assert(distance(once, fgsm(model, x, y, { epsilon: 0.1 })) < 1e-7);
});

Deno.test("on a linear model TRADES in l2 moves by epsilon along the weights' direction, in budgets above 1 too", () => {
  const length = Math.hypot(...WEIGHT);
  for (const epsilon of [0.2, 0.4]) {
    const moved = pixels(tradesPerturbation(line, grey, { epsilon, norm: "l2", steps: 20 }));
    const offset = moved.map((pixel) => pixel - 0.5);
    assertAlmostEquals(Math.hypot(...offset), epsilon, 1e-5);
    const along = offset.reduce((sum, value, k) => sum + value * WEIGHT[k]!, 0);
    assert(Math.abs(along) / (length * epsilon) > 0.999, `cosine ${along / (length * epsilon)}`);
  }
  const far = pixels(tradesPerturbation(line, grey, { epsilon: 3, norm: "l2" }));
  assert(far.every((pixel) => pixel >= 0 && pixel <= 1) && far.some((pixel) => pixel === 1));
  assertThrows(() => tradesPerturbation(line, grey, { epsilon: 1.5 }), RangeError, "epsilon");
});

Deno.test("targeted, the attack goes the other way", () => {
  const towards = { epsilon: 0.1, targeted: true };
  const expected = WEIGHT.map((weight) => 0.5 - 0.1 * Math.sign(weight));
  // Towards class 1 is away from class 0 when there are two.
  assertClose(fgsm(line, grey, ints([1]), towards), expected);
  assertClose(pgd(line, grey, ints([1]), { ...towards, randomStart: false }), expected);
});

Deno.test("a targeted attack lowers the loss of its targets, an untargeted one raises the labels'", () => {
  const targets = ints([...y.dataSync()].map((label) => (label + 1) % 10));
  for (const attack of [fgsm, pgd]) {
    const reached = attack(model, x, targets, { epsilon: 0.05, targeted: true });
    assert(meanLoss(model, reached, targets) < meanLoss(model, x, targets));
    assert(meanLoss(model, attack(model, x, y, { epsilon: 0.05 }), y) > meanLoss(model, x, y));
  }
});

Deno.test("PGD with one full step and no random start equals FGSM bit for bit", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.boolean(),
      fc.constantFrom(1, 2.5),
      (epsilon, targeted, factor) => {
        const once = {
          epsilon,
          targeted,
          steps: 1,
          stepSize: factor * epsilon,
          randomStart: false,
        };
        assert(sameBits(pgd(model, x, y, once), fgsm(model, x, y, { epsilon, targeted })));
      },
    ),
    { numRuns: 12 },
  );
});

Deno.test("steps x stepSize below epsilon never reaches the box", () => {
  for (const norm of ["linf", "l2"] as const) {
    const options = { epsilon: 0.5, steps: 3, stepSize: 0.1, randomStart: false, norm };
    const offset = tf.sub(pgd(model, x, y, options), x);
    const length = norm === "linf"
      ? tf.max(tf.abs(offset))
      : tf.max(tf.norm(tf.reshape(offset, [8, -1]), 2, 1));
    assert(length.dataSync()[0]! <= 0.3 + 1e-6);
    assert(length.dataSync()[0]! > 0.05);
  }
});

Deno.test("step 0 stays at the start", () => {
  const still = pgd(model, x, y, { epsilon: 0.1, stepSize: 0, randomStart: false });
  assert(sameBits(still, x));
});

Deno.test("l2 PGD keeps within its ball, also from random starts and with large budgets", () => {
  for (const epsilon of [0.01, 0.5, 2, 30]) {
    const result = pgd(model, x, y, { epsilon, norm: "l2", steps: 3, seed: 2 });
    const lengths = tf.norm(tf.reshape(tf.sub(result, x), [8, -1]), 2, 1);
    assert(lengths.dataSync().every((length) => length <= epsilon * (1 + 1e-5)), String(lengths));
    assert(result.dataSync().every((pixel) => pixel >= 0 && pixel <= 1));
  }
  assertThrows(() => pgd(model, x, y, { epsilon: -1, norm: "l2" }), RangeError, "epsilon");
});

Deno.test("an l2 step follows a gradient however small it is", () => {
  const faint = linearClassifier(
    [WEIGHT, WEIGHT.map((w) => -w)].map((row) => row.map((w) => w * 1e-30)),
  );
  const length = Math.hypot(...WEIGHT);
  const expected = WEIGHT.map((weight) => 0.5 - 0.2 * weight / length);
  const options = { epsilon: 0.2, norm: "l2", randomStart: false } as const;
  assertClose(pgd(faint, grey, ints([0]), options), expected);
});

Deno.test("restarts and the best iterate are never weaker than one run's last iterate", () => {
  const wrong = (images: tf.Tensor4D) => {
    const labels = y.dataSync();
    return predict(model, images).filter((k, image) => k !== labels[image]).length;
  };
  for (const seed of [0, 1, 2]) {
    const base = { epsilon: 0.03, steps: 2, stepSize: 0.03, seed };
    const single = pgd(model, x, y, base);
    const restarted = pgd(model, x, y, { ...base, restarts: 4 });
    const best = pgd(model, x, y, { ...base, restarts: 4, keepBest: true });
    assert(wrong(restarted) >= wrong(single));
    assert(wrong(best) >= wrong(restarted));
  }
});

Deno.test("the worst case per image is a success first and the larger loss second", () => {
  // The first restart of seed 0 against its worst of four: each image's loss or prediction moves on.
  const base = { epsilon: 0.02, steps: 1, stepSize: 0.005 };
  const single = pgd(model, x, y, base);
  const worst = pgd(model, x, y, { ...base, restarts: 4 });
  for (let image = 0; image < 8; image++) {
    const one = (images: tf.Tensor4D) => tf.slice4d(images, [image, 0, 0, 0], [1, -1, -1, -1]);
    const label = tf.slice1d(y, image, 1);
    const fooled = (images: tf.Tensor4D) => predict(model, one(images))[0] !== label.dataSync()[0];
    const loss = (images: tf.Tensor4D) => meanLoss(model, one(images), label);
    if (fooled(single)) assert(fooled(worst));
    if (fooled(worst) === fooled(single)) assert(loss(worst) >= loss(single) - 1e-6);
  }
  assert(!sameBits(single, worst));
});

Deno.test("without a random start restarts change nothing", () => {
  const base = { epsilon: 0.05, randomStart: false };
  assert(sameBits(pgd(model, x, y, base), pgd(model, x, y, { ...base, restarts: 3 })));
});

Deno.test("PGD's options out of range are refused", () => {
  const refused = (options: object, name: string) =>
    assertThrows(() => pgd(model, x, y, { epsilon: 0.1, ...options }), RangeError, name);
  for (const steps of [0, -1, 1.5, NaN]) refused({ steps }, "steps");
  for (const stepSize of [-0.1, NaN, Infinity]) refused({ stepSize }, "stepSize");
  for (const restarts of [0, 1.5]) refused({ restarts }, "restarts");
  refused({ norm: "l1" }, "norm");
});

Deno.test("PGD's loss rises with its steps", () => {
  const loss = (steps: number) =>
    meanLoss(
      model,
      pgd(model, x, y, { epsilon: 0.1, steps, stepSize: 0.02, randomStart: false }),
      y,
    );
  const losses = [1, 2, 4, 8].map(loss);
  losses.slice(1).forEach((value, k) => assert(value > losses[k]!, String(losses)));
});

Deno.test("tensors do not pile up from step to step", () => {
  const alive: number[] = [];
  const watched = {
    ...model,
    forward(batch: tf.Tensor4D) {
      alive.push(tf.memory().numTensors);
      return model.forward(batch);
    },
  };
  for (const keepBest of [false, true]) {
    alive.length = 0;
    pgd(watched, x, y, { epsilon: 0.1, steps: 6, keepBest }).dispose();
    assert(new Set(alive.slice(2, 6)).size === 1, String(alive));
  }
});

Deno.test("TRADES' perturbation raises the divergence from the clean prediction, FGSM-like noise less", () => {
  const clean = model.forward(x).logits;
  const divergence = (images: tf.Tensor4D) => {
    const { logits } = model.forward(images);
    const withTerm = tradesLoss(clean, logits, y, { beta: 1 }).dataSync()[0]!;
    return withTerm - tradesLoss(clean, logits, y, { beta: 0 }).dataSync()[0]!;
  };
  const one = divergence(tradesPerturbation(model, x, { epsilon: 0.05, steps: 1 }));
  const ten = divergence(tradesPerturbation(model, x, { epsilon: 0.05, steps: 10 }));
  assert(one > 1e-3 && ten > one);
  assert(distance(tradesPerturbation(model, x, { epsilon: 0.05, stepSize: 0 }), x) < 0.006);
});

Deno.test("gradients are per image: an image's result does not change with its neighbours", () => {
  const alone = fgsm(model, tf.slice4d(x, [3, 0, 0, 0], [1, -1, -1, -1]), tf.slice1d(y, 3, 1), {
    epsilon: 0.1,
  });
  const among = tf.slice4d(fgsm(model, x, y, { epsilon: 0.1 }), [3, 0, 0, 0], [1, -1, -1, -1]);
  const differing = tf.sum(tf.greater(tf.abs(tf.sub(alone, among)), 1e-6)).dataSync()[0]!;
  assertEquals(differing, 0);
});
