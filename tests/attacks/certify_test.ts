/** Randomized smoothing: the bounds are scipy's, and certificates hold where the truth is known. */
import { certify } from "../../lib/attacks/certify.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { tf } from "../../lib/backend/tf.ts";
import { certifiedRadius, clopperPearsonLowerBound } from "../../lib/metrics/certified_radius.ts";
import { linearClassifier } from "../../lib/nn/linear_classifier.ts";
import golden from "../golden/certify.json" with { type: "json" };

/** Logits (0, w . pixels + b): smoothing leaves its boundary, and the distance to it is the radius. */
const weights = [0, 3, -1, 2];
const model = linearClassifier([weights.map(() => 0), weights], {
  bias: [0, -1],
  inputShape: [2, 2, 1],
});
const pixels = [[0.5, 0.6, 0.1, 0.2], [0.5, 0.1, 0.4, 0.3], [0.1, 0.3, 0.2, 0.6]];
const x = tf.tensor4d(pixels.flat(), [3, 2, 2, 1]);

/** Signed distance of each image to the boundary. */
const distances = pixels.map((image) =>
  (image.reduce((sum, pixel, k) => sum + pixel * weights[k]!, 0) - 1) / Math.hypot(...weights)
);

Deno.test("lower bounds and radii are scipy's for 200 counts", () => {
  for (const { successes, n, alpha, sigma, low, radius } of golden.cases) {
    const bound = clopperPearsonLowerBound(successes, n, alpha);
    assertAlmostEquals(bound, low, 1e-10, `${successes} of ${n} at ${alpha}`);
    assertAlmostEquals(certifiedRadius(bound, sigma), radius, 1e-9);
  }
  assertEquals(golden.cases.length, 200);
});

Deno.test("on a linear model the radius lies below the distance to the boundary and near it", () => {
  const certificates = certify(model, x, { sigma: 0.25, n: 4000 });
  certificates.forEach(({ prediction, radius }, image) => {
    const distance = distances[image]!;
    if (prediction === -1) return assertEquals(radius, 0);
    assertEquals(prediction, distance > 0 ? 1 : 0);
    assert(radius <= Math.abs(distance), `image ${image}: ${radius} beyond ${distance}`);
    // p = quantile^-1(distance / sigma), its bound 4 deviations of the share below at most.
    const share = 4 * Math.sqrt(0.25 / 4000) + 0.06;
    assert(radius > Math.abs(distance) - share, `image ${image}: ${radius} of ${distance}`);
  });
  assertEquals(certificates.filter(({ prediction }) => prediction >= 0).length, 3);
});

Deno.test("on the boundary the smoothed classifier abstains", () => {
  const boundary = tf.tensor4d([0, 1 / 3, 0, 0], [1, 2, 2, 1]);
  assertEquals(certify(model, boundary, { sigma: 0.25 }), [{ prediction: -1, radius: 0 }]);
});

Deno.test("a model that ignores its images gets the radius of n agreeing votes", () => {
  const constant = linearClassifier([[0, 0, 0, 0], [0, 0, 0, 0]], {
    bias: [0, 1],
    inputShape: [2, 2, 1],
  });
  const [{ prediction, radius }] = certify(constant, x, { sigma: 0.5, n: 300, alpha: 0.01 }) as [
    { prediction: number; radius: number },
    ...unknown[],
  ];
  assertEquals(prediction, 1);
  assertAlmostEquals(radius, certifiedRadius(0.01 ** (1 / 300), 0.5), 1e-12);
});

Deno.test("wrong certificates are rarer than alpha says", () => {
  // p = 0.75 at distance 0.6745 sigma: a radius beyond it is a wrong certificate.
  const distance = 0.25 * 0.674489750196;
  const line = linearClassifier([[0], [1]], { bias: [0, -0.5] });
  const n = 400;
  const images = tf.fill([n, 1, 1, 1], 0.5 + distance) as tf.Tensor4D;
  const wrong = certify(line, images, { sigma: 0.25, n0: 20, n: 100, alpha: 0.1 })
    .filter(({ prediction, radius }) => prediction === 0 || radius > distance).length;
  // Binomial: at most 10 % of 400, plus three deviations; far below would be a bound that is too low.
  assert(wrong / n <= 0.1 + 3 * Math.sqrt(0.09 / n), `${wrong} of ${n}`);
  assert(wrong / n >= 0.02, `${wrong} of ${n}`);
});

Deno.test("a certificate depends on seed and position, not on the batch", () => {
  const options = { sigma: 0.5, n0: 10, n: 130, alpha: 0.05, seed: 3 };
  const all = certify(model, x, options);
  const last = tf.tensor4d(pixels[2]!, [1, 2, 2, 1]);
  assertEquals(certify(model, last, { ...options, positions: [2] }), [all[2]!]);
  assert(certify(model, last, { ...options, seed: 4 })[0]!.radius !== all[2]!.radius);
});

Deno.test("certify frees every tensor it makes", () => {
  const before = tf.memory().numTensors;
  certify(model, x, { sigma: 0.25, n0: 5, n: 200 });
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("options out of range are refused by name", () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ sigma: 0 }, "sigma"],
    [{ sigma: Infinity }, "sigma"],
    [{ n0: 0 }, "n0"],
    [{ n: 1.5 }, "n"],
    [{ alpha: 0 }, "alpha"],
    [{ alpha: 0.5 }, "alpha"],
    [{ seed: 0.5 }, "seed"],
    [{ positions: [1] }, "positions"],
  ];
  for (const [option, name] of wrong) {
    const call = () => certify(model, x, { sigma: 0.25, ...option });
    assertThrows(call, RangeError, `Expected ${name} to`);
  }
  assertThrows(() => certify(model, x, {} as never), TypeError, "sigma");
  assertThrows(() => certify(model, tf.mul(x, 255), { sigma: 0.25 }), RangeError, "pixels");
});
