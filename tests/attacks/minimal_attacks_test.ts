/** FAB, DeepFool and C&W, which look for the nearest image, and APGD-T. */
import fc from "fast-check";
import { tf } from "../../lib/backend/tf.ts";
import { hyperplaneMove } from "../../lib/attacks/_hyperplane_move.ts";
import { predict } from "../../lib/attacks/answers.ts";
import { apgd } from "../../lib/attacks/apgd.ts";
import { fooledByApgd } from "../../lib/attacks/_fooled_by_apgd.ts";
import { carliniWagner } from "../../lib/attacks/carlini_wagner.ts";
import { deepFool } from "../../lib/attacks/deep_fool.ts";
import { fab, fabWithin } from "../../lib/attacks/fab.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { linearClassifier } from "../../lib/nn/linear_classifier.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { distance, ints, randomImages, sameBits } from "./_batch.ts";
import { convolutionalModel, seededWeights } from "./_convolutional_model.ts";

const model = convolutionalModel(seededWeights(3));
const x = randomImages(10, model.inputShape, 9);
const y = ints(predict(model, x));
const flags = (images: tf.Tensor4D, by: Classifier = model, labels = y) => {
  const expected = labels.dataSync();
  return [...predict(by, images)].map((k, image) => k !== expected[image]);
};

const attacks: Readonly<
  Record<string, (model: Classifier, x: tf.Tensor4D, y: tf.Tensor1D) => tf.Tensor4D>
> = {
  fab: (model, x, y) => fab(model, x, y, { epsilon: 0.02, steps: 5 }),
  "fab with restarts": (model, x, y) =>
    fab(model, x, y, { epsilon: 0.005, steps: 3, restarts: 2, targets: 2 }),
  "fab in l2": (model, x, y) => fab(model, x, y, { epsilon: 0.2, steps: 5, norm: "l2" }),
  deepFool: (model, x, y) => deepFool(model, x, y, { steps: 5 }),
  carliniWagner: (model, x, y) => carliniWagner(model, x, y, { steps: 8, learningRate: 0.05 }),
  "apgd-t": (model, x, y) =>
    apgd(model, x, y, { epsilon: 0.02, steps: 4, targets: 3, loss: "dlr-targeted" }),
};

for (const [name, attack] of Object.entries(attacks)) {
  Deno.test(`${name}: pixels stay in [0, 1], and images of any batch come out alike`, () => {
    const result = attack(model, x, y);
    assertEquals(result.shape, x.shape);
    assert(result.dataSync().every((pixel) => pixel >= 0 && pixel <= 1));
    assert(!sameBits(result, x), "nothing was changed");
    const first = (images: tf.Tensor4D) => tf.slice(images, [0, 0, 0, 0], [3, -1, -1, -1]);
    const part = attack(model, first(x), ints(y.dataSync().slice(0, 3)));
    assert(distance(first(result), part) < 1e-4);
  });

  Deno.test(`${name}: an image that is wrong unharmed stays wrong`, () => {
    const labels = ints([...y.dataSync()].map((label) => (label + 1) % 10));
    assertEquals(flags(attack(model, x, labels), model, labels), Array(10).fill(true));
  });

  Deno.test(`${name}: no tensor is left behind but the result`, () => {
    attack(model, x, y).dispose();
    const before = tf.memory().numTensors;
    attack(model, x, y).dispose();
    assertEquals(tf.memory().numTensors, before);
    assert(!x.isDisposed && !y.isDisposed);
  });

  Deno.test(`${name}: logits and gradients that are not finite, and labels that do not fit, are errors`, () => {
    const spoilt = (change: (z: tf.Tensor2D) => tf.Tensor2D): Classifier => ({
      ...model,
      forward(pixels) {
        const { logits, features } = model.forward(pixels);
        return { logits: change(logits), features };
      },
    });
    assertThrows(() => attack(spoilt((z) => tf.mul(z, NaN)), x, y), Error, "finite");
    const blind = tf.customGrad((z) => ({
      value: (z as tf.Tensor2D).clone(),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, NaN),
    }));
    assertThrows(() => attack(spoilt((z) => blind(z) as tf.Tensor2D), x, y), Error, "gradient");
    assertThrows(() => attack(model, x, ints([0, 1])), RangeError, "10 samples");
    assertThrows(() => attack(model, tf.mul(x, 255), y), RangeError, "pixels of x");
  });
}

Deno.test("the shortest move to a hyperplane in the box: sorted by hand, in both norms", () => {
  const move = new Float64Array(3);
  const z = Float32Array.of(0.5, 0.25, 0.875);
  const w = Float32Array.of(2, -1, 4);
  const assertMove = (expected: readonly number[]) =>
    expected.forEach((value, k) => assertAlmostEquals(move[k]!, value, 1e-9));
  // All pixels move by lambda against an excess of 0.7: 7 lambda = 0.7.
  assertAlmostEquals(hyperplaneMove(z, w, 0.7, "linf", move), 0.1, 1e-9);
  assertMove([-0.1, 0.1, -0.1]);
  // The third pixel reaches 1 after 0.125 and gains 0.5; the others 3 lambda = 0.6.
  assertAlmostEquals(hyperplaneMove(z, w, -1.1, "linf", move), 0.2, 1e-9);
  assertMove([0.2, -0.2, 0.125]);
  // Along the weights: 21 lambda = 0.42.
  assertAlmostEquals(hyperplaneMove(z, w, 0.42, "l2", move), 0.02 * Math.sqrt(21), 1e-9);
  assertMove([-0.04, 0.02, -0.08]);
  // Out of reach: everything goes to its bound.
  hyperplaneMove(z, w, -100, "l2", move);
  assertMove([0.5, -0.25, 0.125]);
  hyperplaneMove(z, Float32Array.of(0, 0, 0), -1, "linf", move);
  assertMove([0, 0, 0]);
});

Deno.test("a move meets the plane and the box, and no sample of shorter moves does", () => {
  const pixel = fc.float({ min: 0, max: 1, noNaN: true });
  const weight = fc.float({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(pixel, weight), { minLength: 1, maxLength: 6 }),
      fc.double({ min: -4, max: 4, noNaN: true }),
      fc.constantFrom("linf" as const, "l2" as const),
      (pairs, excess, norm) => {
        const z = Float32Array.from(pairs, ([value]) => value);
        const w = Float32Array.from(pairs, ([, value]) => value);
        const move = new Float64Array(z.length);
        const length = hyperplaneMove(z, w, excess, norm, move);
        move.forEach((m, k) => assert(z[k]! + m >= -1e-7 && z[k]! + m <= 1 + 1e-7));
        const gained = move.reduce((sum, m, k) => sum - Math.sign(excess || 1) * m * w[k]!, 0);
        const most = w.reduce(
          (sum, v, k) => sum + Math.abs(v) * (Math.sign(excess || 1) * v > 0 ? z[k]! : 1 - z[k]!),
          0,
        );
        assertAlmostEquals(gained, Math.min(Math.abs(excess), most), 1e-6);
        // Duality: a move of this length gains no more in any direction without a box.
        const dual = norm === "linf"
          ? w.reduce((sum, v) => sum + Math.abs(v), 0)
          : Math.hypot(...w);
        assert(gained <= length * dual + 1e-6);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("on a linear model FAB and DeepFool find the nearest boundary, C&W comes close", () => {
  const rows = [[1, -2, 0.5, 3], [-1, 2, -0.5, -3], [-8, -8, -8, -8]];
  const line = linearClassifier(rows, { bias: [-1, 0, 0] });
  const grey = tf.fill([1, 1, 1, 4], 0.5) as tf.Tensor4D;
  const label = ints([0]);
  // z_0 - z_1 = 2 (w . x) - 1 = 1.5, with gradient 2 w.
  const w = rows[0]!;
  const [sum, length] = [w.reduce((a, v) => a + 2 * Math.abs(v), 0), 2 * Math.hypot(...w)];
  const change = (result: tf.Tensor4D) => [...result.dataSync()].map((pixel) => pixel - 0.5);
  const linf = change(fab(line, grey, label, { epsilon: 0.5, steps: 40 }));
  linf.forEach((d, k) => assertAlmostEquals(d, -1.5 / sum * Math.sign(w[k]!), 3e-3));
  const l2 = change(fab(line, grey, label, { epsilon: 1, steps: 40, norm: "l2" }));
  l2.forEach((d, k) => assertAlmostEquals(d, -1.5 * 2 * w[k]! / length ** 2, 3e-3));
  const fool = change(deepFool(line, grey, label));
  fool.forEach((d, k) => assertAlmostEquals(d, -1.02 * 1.5 * 2 * w[k]! / length ** 2, 1e-5));
  const cw = change(carliniWagner(line, grey, label, { steps: 400 }));
  assertAlmostEquals(Math.hypot(...cw), 1.5 / length, 0.02);
});

Deno.test("FAB stays within epsilon: what it finds beyond is not returned", () => {
  const near = fab(model, x, y, { epsilon: 0.5, steps: 20 });
  assertEquals(flags(near), Array(10).fill(true));
  const lengths = [...tf.max(tf.abs(tf.sub(near, x)), [1, 2, 3]).dataSync()];
  const epsilon = lengths.toSorted((a, b) => a - b)[4]!; // the fifth nearest
  const within = fab(model, x, y, { epsilon, steps: 20 });
  assert(distance(within, x) <= epsilon);
  const fooled = flags(within);
  lengths.forEach((length, image) => {
    if (length <= epsilon) assert(fooled[image], `image ${image} lies within`);
  });
  const kept = tf.max(tf.abs(tf.sub(within, x)), [1, 2, 3]).dataSync();
  fooled.forEach((is, image) => assertEquals(kept[image]! > 0, is));
  const early = fabWithin(model, x, y, { epsilon, steps: 20 }, epsilon);
  assertEquals(flags(early), fooled);
});

Deno.test("FAB's restarts find what lies behind a gradient of zero, by their seed; without them no seed counts", () => {
  const line = linearClassifier([[0, 0, 0], [100, 0, 0]], { bias: [1, -55] });
  // Class 1 beyond 0.56 of the first pixel value, without a slope below 0.55.
  const dead: Classifier = {
    ...line,
    forward(pixels, options) {
      const { logits, features } = line.forward(pixels, options);
      return { logits: tf.relu(logits), features };
    },
  };
  const grey = tf.fill([8, 1, 1, 3], 0.5) as tf.Tensor4D;
  const labels = ints(Array(8).fill(0));
  const fates = (options: object) => {
    const result = fab(dead, grey, labels, { epsilon: 0.2, steps: 10, ...options });
    assert(distance(result, grey) <= 0.2 + 1e-7);
    return flags(result, dead, labels);
  };
  assertEquals(fates({ seed: 1 }), Array(8).fill(false));
  const [first, second] = [1, 2].map((seed) => fates({ seed, restarts: 2 }));
  assert(first!.includes(true) && first!.includes(false));
  assertEquals(fates({ seed: 1, restarts: 2 }), first);
  assert(first!.some((fooled, image) => fooled !== second![image]));
  assertEquals(fates({ seed: 1, restarts: 40 }), Array(8).fill(true));
  const norm = "l2" as const;
  assertEquals(fates({ seed: 1, restarts: 40, norm }), Array(8).fill(true));
});

Deno.test("DeepFool's overshoot lengthens its move; more steps of it never undo a success", () => {
  const line = linearClassifier([[1, 1], [-1, -1]], { bias: [-1, 1] });
  const one = tf.tensor4d([0.5, 0.7], [1, 1, 1, 2]);
  const move = (overshoot: number) =>
    0.5 - deepFool(line, one, ints([0]), { overshoot, steps: 1 }).dataSync()[0]!;
  assertAlmostEquals(move(0.5) / move(0), 1.5, 1e-5);
  const [few, many] = [5, 20].map((steps) => flags(deepFool(model, x, y, { steps })));
  few!.forEach((fooled, image) => assert(!fooled || many![image]));
});

Deno.test("C&W's kappa asks for a margin, and c for success over nearness", () => {
  const line = linearClassifier([[1, 1], [-1, -1]], { bias: [-1, 1] });
  const one = tf.tensor4d([0.5, 0.7], [1, 1, 1, 2]);
  const options = { steps: 300, learningRate: 0.01 };
  const margin = (kappa: number) => {
    const attacked = carliniWagner(line, one, ints([0]), { ...options, kappa, c: 5 });
    const [own, other] = line.forward(attacked).logits.dataSync();
    return other! - own!;
  };
  assert(margin(0) > 0 && margin(0) < 0.1);
  const without = carliniWagner(line, one, ints([0]), { ...options, c: 0 });
  assert(sameBits(without, one), "c 0 finds nothing");
});

Deno.test("C&W ignores a shift of all logits", () => {
  const rows = [[1, -2, 0.5], [-1, 2, -0.5], [0, 0, 0.1]];
  const images = randomImages(6, [1, 1, 3], 2);
  const [low, high] = [-3, 50].map((shift) =>
    linearClassifier(rows, { bias: [shift, shift, shift] })
  );
  const labels = ints(predict(low!, images));
  const attacked = [low!, high!].map((by) => carliniWagner(by, images, labels));
  assert(distance(attacked[0]!, attacked[1]!) < 1e-3);
});

Deno.test("APGD-T fools at least what one target fools, and letting go of images changes no fate", () => {
  const options = { epsilon: 0.01, steps: 10, loss: "dlr-targeted", seed: 2 } as const;
  const [one, all] = [1, 9].map((targets) => flags(apgd(model, x, y, { ...options, targets })));
  one!.forEach((fooled, image) => assert(!fooled || all![image]));
  assertEquals(flags(apgd(model, x, y, options)), all);
  assertEquals(fooledByApgd(model, x, y, options), all);
  assert(all!.includes(true) && all!.includes(false));
});

Deno.test("targets are checked against the classes, and refused where a loss has none", () => {
  const targeted = { epsilon: 0.1, loss: "dlr-targeted" } as const;
  for (const targets of [0, 10, 1.5]) {
    assertThrows(() => apgd(model, x, y, { ...targeted, targets }), RangeError, "targets");
    assertThrows(() => fab(model, x, y, { epsilon: 0.1, targets }), RangeError, "targets");
  }
  assertThrows(() => apgd(model, x, y, { epsilon: 0.1, targets: 3 }), RangeError, "targets");
  const three = linearClassifier([[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  const pixel = tf.tensor4d([0.6, 0.5, 0], [1, 1, 1, 3]);
  assertThrows(() => apgd(three, pixel, ints([0]), targeted), RangeError, "[4, inf) but found 3");
  // Two wrong classes are all that FAB can aim at.
  assertEquals(flags(fab(three, pixel, ints([0]), { epsilon: 0.1 }), three, ints([0])), [true]);
});

Deno.test("options out of range are refused by name", () => {
  const refused = (run: (options: never) => unknown, name: string, values: readonly number[]) => {
    for (const value of values) {
      assertThrows(() => run({ epsilon: 0.1, [name]: value } as never), RangeError, name);
    }
  };
  refused((options) => fab(model, x, y, options), "steps", [0, 1.5]);
  refused((options) => fab(model, x, y, options), "restarts", [0, 1.5]);
  const without = (run: (options: never) => unknown) => (options: { epsilon?: number }) => {
    const { epsilon: _, ...rest } = options;
    return run(rest as never);
  };
  const fool = without((options) => deepFool(model, x, y, options));
  refused(fool as never, "steps", [0, 1.5]);
  refused(fool as never, "overshoot", [-0.1, NaN]);
  const cw = without((options) => carliniWagner(model, x, y, options));
  for (const name of ["c", "kappa"]) refused(cw as never, name, [-1, NaN]);
  refused(cw as never, "learningRate", [0, -1, Infinity]);
  refused(cw as never, "steps", [0, 2.5]);
});
