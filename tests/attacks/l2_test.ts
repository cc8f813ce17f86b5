/** Budgets in L2, and restarts, where attacks and sweeps take them. */
import fc from "fast-check";
import { tf } from "../../lib/backend/tf.ts";
import { predict } from "../../lib/attacks/answers.ts";
import { apgd } from "../../lib/attacks/apgd.ts";
import { imagesAt } from "../../lib/attacks/_dataset_images.ts";
import { type AttackName, attackSweep } from "../../lib/attacks/attack_sweep.ts";
import { fgsm } from "../../lib/attacks/fgsm.ts";
import { iterationSweep } from "../../lib/attacks/iteration_sweep.ts";
import { randomNoise } from "../../lib/attacks/noise.ts";
import { pgd } from "../../lib/attacks/pgd.ts";
import { linearClassifier } from "../../lib/nn/linear_classifier.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { ints, labelledByModel, randomImages, sameBits } from "./_batch.ts";
import { convolutionalModel, seededWeights } from "./_convolutional_model.ts";

const model = convolutionalModel(seededWeights(3));
const x = randomImages(6, model.inputShape);
const y = ints([0, 1, 2, 3, 4, 5]);
const WRONG = 5;
const data = labelledByModel(model, 30, { seed: 4, wrong: WRONG });
const l2 = { norm: "l2" } as const;

/** The Euclidean length of each image's change. */
function lengths(changed: tf.Tensor4D, images: tf.Tensor4D): number[] {
  return tf.tidy(() => [
    ...tf.sqrt(tf.sum(tf.square(tf.sub(changed, images)), [1, 2, 3])).dataSync<"float32">(),
  ]);
}

const attacks = {
  fgsm: (epsilon: number) => fgsm(model, x, y, { epsilon, ...l2 }),
  apgd: (epsilon: number, seed: number) => apgd(model, x, y, { epsilon, seed, steps: 6, ...l2 }),
  "apgd-dlr, best of two restarts": (epsilon: number, seed: number) =>
    apgd(model, x, y, { epsilon, seed, steps: 4, loss: "dlr", restarts: 2, ...l2 }),
  noise: (epsilon: number, seed: number) => randomNoise(x, { epsilon, seed, ...l2 }),
};
for (const [name, attack] of Object.entries(attacks)) {
  Deno.test(`${name}: l2 budgets, also beyond 1, bound the change's length; pixels stay in [0, 1]`, () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 3, noNaN: true }), fc.integer(), (epsilon, seed) => {
        const result = attack(epsilon, seed);
        const longest = Math.max(...lengths(result, x));
        assert(longest <= epsilon * (1 + 1e-5) + 1e-6, `${longest} is more than ${epsilon}`);
        assert(result.dataSync().every((pixel) => pixel >= 0 && pixel <= 1), "left [0, 1]");
        assert(!sameBits(result, x), "nothing was changed");
        result.dispose();
      }),
      { numRuns: 8 },
    );
    assert(sameBits(attack(0, 0), x), "epsilon 0 changes x");
  });
}

Deno.test("on a linear model every l2 attack finds the optimum, epsilon along the weights", () => {
  const weights = [1, -2, 0.5, 3];
  const line = linearClassifier([weights, weights.map((w) => -w)]);
  const grey = tf.fill([1, 1, 1, 4], 0.5) as tf.Tensor4D;
  const length = Math.hypot(...weights);
  const label = ints([0]);
  const results = {
    fgsm: fgsm(line, grey, label, { epsilon: 0.3, ...l2 }),
    targeted: fgsm(line, grey, ints([1]), { epsilon: 0.3, targeted: true, ...l2 }),
    pgd: pgd(line, grey, label, { epsilon: 0.3, steps: 40, stepSize: 0.3, ...l2 }),
    apgd: apgd(line, grey, label, { epsilon: 0.3, steps: 20, ...l2 }),
  };
  for (const [name, result] of Object.entries(results)) {
    weights.forEach((w, k) =>
      assertAlmostEquals(result.dataSync()[k]!, 0.5 - 0.3 * w / length, 1e-3, `${name}, pixel ${k}`)
    );
  }
});

Deno.test("one l2 step of PGD without a random start equals l2 FGSM", () => {
  const one = pgd(model, x, y, {
    epsilon: 0.5,
    stepSize: 0.5,
    steps: 1,
    randomStart: false,
    ...l2,
  });
  const fast = fgsm(model, x, y, { epsilon: 0.5, ...l2 });
  assert(tf.max(tf.abs(tf.sub(one, fast))).dataSync()[0]! < 1e-6);
});

Deno.test("l2 noise is uniform in the ball: of d dimensions, (length / epsilon)^d is uniform", () => {
  const grey = tf.fill([2000, 1, 1, 3], 0.5) as tf.Tensor4D;
  const shares = lengths(randomNoise(grey, { epsilon: 0.4, ...l2 }), grey)
    .map((length) => (length / 0.4) ** 3);
  const below = (bound: number) => shares.filter((share) => share < bound).length / 2000;
  // Four standard deviations of a share of 2,000.
  for (const bound of [0.1, 0.5, 0.9]) assertAlmostEquals(below(bound), bound, 0.045);
});

Deno.test("APGD's restarts are the worst of single runs, and more of them never help the model", () => {
  const labels = ints(predict(model, x));
  const fooled = (restarts: number) =>
    [...predict(model, apgd(model, x, labels, { epsilon: 0.01, steps: 3, restarts, seed: 1 }))]
      .map((k, image) => k !== labels.dataSync()[image]);
  const [one, five] = [fooled(1), fooled(5)];
  one.forEach((was, image) => assert(!was || five[image], `image ${image} recovered`));
});

for (const norm of ["linf", "l2"] as const) {
  Deno.test(`a sweep with restarts in ${norm} says of each image what the attacks say`, async () => {
    const [epsilon, restarts, seed] = [norm === "linf" ? 0.02 : 0.3, 3, 2];
    const names = ["pgd", "apgd-ce", "apgd-dlr"] as const;
    const options = { attacks: names, epsilons: [epsilon], steps: 3, norm, restarts, seed };
    const sweep = await attackSweep(model, data, { ...options, batchSize: 7 });
    const places = [...data.labels.keys()].slice(WRONG);
    const batch = imagesAt(data, places, model.inputShape);
    const by = { epsilon, norm, restarts, seed, steps: 3, positions: places };
    const expected = {
      pgd: pgd(model, batch.x, batch.y, by),
      "apgd-ce": apgd(model, batch.x, batch.y, by),
      "apgd-dlr": apgd(model, batch.x, batch.y, { ...by, loss: "dlr" }),
    };
    for (const { attack, correct, restarts: made } of sweep) {
      const predicted = predict(model, expected[attack as typeof names[number]]);
      const right = places.map((place, row) => predicted[row] === data.labels[place] ? 1 : 0);
      assertEquals([...correct], [...Array(WRONG).fill(0), ...right]);
      assert(right.includes(0) && right.includes(1), `${attack} fools all or none`);
      assertEquals(made, 3);
    }
  });
}

Deno.test("restarts never raise an accuracy, and lower one", async () => {
  const options = {
    attacks: ["pgd"] as const,
    epsilons: [0.004, 0.006, 0.008, 0.01, 0.02],
    steps: 1,
  };
  const single = await attackSweep(model, data, options);
  const many = await attackSweep(model, data, { ...options, restarts: 8 });
  many.forEach(({ correct }, k) =>
    correct.forEach((right, image) => assert(right <= single[k]!.correct[image]!))
  );
  assert(many.some(({ accuracy }, k) => accuracy < single[k]!.accuracy), "restarts change nothing");
});

Deno.test("l2 results name their norm; linf results of one start look as before", async () => {
  const attacks: readonly AttackName[] = ["clean", "noise", "fgsm", "pgd", "apgd"];
  const options = { attacks, steps: 2 };
  const plain = await attackSweep(model, data, { ...options, epsilons: [0.01] });
  for (const row of plain) {
    assertEquals(Object.keys(row), ["attack", "epsilon", "accuracy", "n", "correct"]);
  }
  const long = await attackSweep(model, data, { ...options, epsilons: [2], norm: "l2" });
  assertEquals(
    long.map(({ norm, epsilon }) => [norm, epsilon]),
    attacks.map(() => ["l2" as const, 2]),
  );
  assertEquals(long.find(({ attack }) => attack === "pgd")!.accuracy, 0);
});

Deno.test("an attack without the norm or without restarts is refused with those that have it", async () => {
  const sweep = (options: object) =>
    attackSweep(model, data, { attacks: ["pgd", "square"], epsilons: [0.1], ...options });
  await assertRejects(
    () => sweep({ norm: "l2" }),
    RangeError,
    'Expected attacks with norm "l2" to be of "clean", "noise", "fgsm", "pgd", "apgd", "apgd-ce", ' +
      '"apgd-dlr", "fab" but found "square"',
  );
  await assertRejects(
    () => sweep({ attacks: ["fgsm"], restarts: 2 }),
    RangeError,
    'Expected attacks with restarts 2 to be of "pgd", "apgd", "apgd-ce", "apgd-dlr", "fab" but found "fgsm"',
  );
  await assertRejects(() => sweep({ norm: "l1" }), RangeError, "norm");
  await assertRejects(() => sweep({ restarts: 0 }), RangeError, "restarts");
  await assertRejects(() => sweep({ epsilons: [1.5] }), RangeError, "epsilons[0]");
  assertThrows(() => apgd(model, x, y, { epsilon: 1.5 }), RangeError, "epsilon");
  assertThrows(() => apgd(model, x, y, { epsilon: 0.1, restarts: 0 }), RangeError, "restarts");
});

Deno.test("an iteration sweep in l2 takes l2 PGD's steps", async () => {
  const options = { epsilon: 0.5, stepSize: 0.1, seed: 3, ...l2 };
  const sweep = await iterationSweep(model, data, { ...options, steps: [0, 1, 4] });
  assertEquals(sweep.map(({ norm }) => norm), ["l2", "l2", "l2"]);
  const places = [...data.labels.keys()].slice(WRONG);
  const batch = imagesAt(data, places, model.inputShape);
  for (const { steps, correct } of sweep.slice(1)) {
    const images = pgd(model, batch.x, batch.y, { ...options, steps, positions: places });
    const predicted = predict(model, images);
    const right = places.map((place, row) => predicted[row] === data.labels[place] ? 1 : 0);
    assertEquals([...correct], [...Array(WRONG).fill(0), ...right]);
  }
});
