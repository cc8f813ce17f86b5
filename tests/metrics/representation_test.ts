import fc from "fast-check";
import { fitLogisticRegression } from "../../lib/metrics/representation/_logistic_regression.ts";
import { classAngles } from "../../lib/metrics/representation/class_angles.ts";
import { knnConsistency } from "../../lib/metrics/representation/knn_consistency.ts";
import { linearCka } from "../../lib/metrics/representation/linear_cka.ts";
import { proxyADistance } from "../../lib/metrics/representation/proxy_a_distance.ts";
import { silhouette } from "../../lib/metrics/representation/silhouette.ts";
import { generator } from "../../lib/random/generator.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "../../lib/assert/mod.ts";
import { representation as golden } from "./_golden.ts";

const metrics = ["cosine", "euclidean"] as const;

Deno.test("silhouette, with a class of one image, equals scikit-learn's", () => {
  for (const metric of metrics) {
    const found = silhouette(golden.features, golden.labels, { metric });
    assertAlmostEquals(found, golden.silhouette[metric], 1e-6);
  }
});

Deno.test("nearest-neighbour consistency equals scikit-learn's neighbours", () => {
  for (const metric of metrics) {
    const found = knnConsistency(golden.features, golden.labels, { k: 5, metric });
    assertAlmostEquals(found, golden.knn[metric], 1e-9);
  }
});

Deno.test("linear CKA and class angles equal numpy's", () => {
  assertAlmostEquals(linearCka(golden.features, golden.other, golden.n), golden.cka, 1e-9);
  const angles = classAngles(golden.features, golden.labels);
  assertAlmostEquals(angles.within, golden.angles.within, 1e-6);
  assertAlmostEquals(angles.between, golden.angles.between, 1e-6);
  for (const [a, row] of golden.angles.centroids.entries()) {
    for (const [b, angle] of row.entries()) {
      assertAlmostEquals(angles.centroids[a]![b]!, angle, 1e-6);
    }
  }
});

Deno.test("the domain classifier equals scikit-learn's logistic regression", () => {
  const width = golden.features.length / golden.n;
  const domain = Uint8Array.from({ length: golden.n }, (_, i) => i % 2);
  const features = Float64Array.from(
    golden.features,
    (value, j) => value + 0.6 * domain[Math.floor(j / width)]!,
  );
  for (const [l2, wanted] of Object.entries(golden.logistic)) {
    const rule = fitLogisticRegression(features, domain, Number(l2));
    assertAlmostEquals(rule.bias, wanted.bias, 1e-4);
    for (const [d, weight] of wanted.weights.entries()) {
      assertAlmostEquals(rule.weights[d]!, weight, 1e-4);
    }
  }
});

/** n rows of standard normal numbers, shifted. */
function cloud(seed: number, n: number, width: number, shift = 0): Float32Array {
  const g = generator(seed);
  return Float32Array.from({ length: n * width }, () => g.normal() + shift);
}

Deno.test("the proxy A-distance is about 0 for one domain, 2 for two far ones, between else", () => {
  const source = cloud(1, 1000, 4);
  const near = proxyADistance(source, cloud(2, 1000, 4), 4);
  assert(near.distance < 0.2, `${near.distance}`);
  assertEquals([near.fitted, near.heldOut], [500, 500]);
  assertEquals(proxyADistance(source, cloud(2, 1000, 4, 8), 4).distance, 2);
  // A shift of 0.5 in each of 4 directions: the best rule errs with Phi(-0.5) = 0.3085.
  const middle = proxyADistance(source, cloud(2, 1000, 4, 0.5), 4);
  assertAlmostEquals(middle.error, 0.3085, 0.04);
  assertAlmostEquals(middle.distance, 2 * (1 - 2 * middle.error), 1e-12);
});

Deno.test("the proxy A-distance depends on the seed alone and stays in [0, 2]", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 4, max: 30 }), (seed, n) => {
      const [a, b] = [cloud(seed, n, 3), cloud(seed + 1, 40, 3, 0.3)];
      const result = proxyADistance(a, b, 3, { seed });
      assert(result.distance >= 0 && result.distance <= 2);
      assertEquals(result.fitted + result.heldOut, n);
      assertEquals(proxyADistance(a, b, 3, { seed }), result);
    }),
    { numRuns: 30 },
  );
  const [a, b] = [cloud(1, 60, 3), cloud(2, 60, 3, 0.5)];
  const errors = [0, 1, 2, 3].map((seed) => proxyADistance(a, b, 3, { seed, limit: 40 }).error);
  assertNotEquals(new Set(errors).size, 1);
});

Deno.test("features that are equal in both domains leave nothing to tell apart", () => {
  const constant = new Float64Array(84).fill(0.1);
  const { distance, error } = proxyADistance(constant, constant, 4);
  assertEquals([distance, error], [0, 0.5]);
});

Deno.test("tight classes at right angles have silhouette 1, consistency 1 and angles 0 and 90", () => {
  const features = [1, 0, 2, 0, 0, 3, 0, 1];
  const labels = [0, 0, 1, 1];
  assertAlmostEquals(silhouette(features, labels), 1, 1e-12);
  assertEquals(knnConsistency(features, labels, { k: 1 }), 1);
  const angles = classAngles(features, labels);
  assertAlmostEquals(angles.within, 0, 1e-6);
  assertAlmostEquals(angles.between, 90, 1e-6);
  assertAlmostEquals(angles.centroids[0]![1]!, 90, 1e-6);
  // Cut across the true classes instead, both halves lie on top of each other.
  assert(silhouette(features, [0, 1, 0, 1]) <= 0);
});

Deno.test("of equally near images the one with the lower index is the neighbour", () => {
  // Image 0 lies midway between 1 and 2; 1 and 2 have each other and 0 at distances 2 and 1.
  const options = { k: 1, metric: "euclidean" as const };
  assertEquals(knnConsistency([0, 1, -1], [0, 0, 1], options), 2 / 3);
  assertEquals(knnConsistency([0, 1, -1], [0, 1, 0], options), 1 / 3);
  // Image 3 comes last and nearest to 0: of the tied 1 and 2, it displaces 2.
  assertEquals(knnConsistency([0, 1, -1, 0.5], [0, 0, 1, 2], { ...options, k: 2 }), 2 / 8);
});

Deno.test("equal features give silhouette 0; a single class has no angle between", () => {
  assertEquals(silhouette([1, 1, 1, 1], [0, 0, 1, 1]), 0);
  assertEquals(classAngles([1, 0, 0, 1], [3, 3]).between, NaN);
  assertAlmostEquals(classAngles([1, 0, 0, 1], [3, 3]).within, 45, 1e-6);
});

Deno.test("CKA is 1 for itself, symmetric, and blind to scale, shift and rotation", () => {
  const n = 20;
  const x = cloud(3, n, 2);
  const y = cloud(4, n, 3);
  assertAlmostEquals(linearCka(x, x, n), 1, 1e-9);
  assertAlmostEquals(linearCka(x, y, n), linearCka(y, x, n), 1e-9);
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const moved = Float64Array.from(x, (_, j) => {
    const [a, b] = [x[j - j % 2]!, x[j - j % 2 + 1]!];
    return 5 * (j % 2 === 0 ? c * a - s * b : s * a + c * b) + 3;
  });
  assertAlmostEquals(linearCka(moved, y, n), linearCka(x, y, n), 1e-9);
  assertEquals(linearCka(new Float64Array(n).fill(0.1), y, n), NaN);
});

Deno.test("representation measures do not depend on the order of images", () => {
  const n = 24;
  const width = 3;
  const features = cloud(6, n, width);
  const labels = Array.from({ length: n }, (_, i) => i % 3);
  const all = Array.from({ length: n }, (_, i) => i);
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: n }), (order) => {
      const moved = order.flatMap((i) => [...features.subarray(i * width, (i + 1) * width)]);
      const movedLabels = order.map((i) => labels[i]!);
      for (const metric of metrics) {
        assertAlmostEquals(
          silhouette(moved, movedLabels, { metric }),
          silhouette(features, labels, { metric }),
          1e-9,
        );
        assertAlmostEquals(
          knnConsistency(moved, movedLabels, { metric, k: 4 }),
          knnConsistency(features, labels, { metric, k: 4 }),
          1e-9,
        );
      }
      assertAlmostEquals(
        classAngles(moved, movedLabels).within,
        classAngles(features, labels).within,
        1e-9,
      );
    }),
    { numRuns: 20 },
  );
});

Deno.test("representation measures refuse what does not fit", () => {
  const refused: [() => unknown, string][] = [
    [() => silhouette([1, 2, 3], [0, 1]), "rows of equal width"],
    [() => silhouette([1, 2, 3], [0, 0, 0]), "distinct"],
    [() => silhouette([1, 2, 3], [0, 1, 2]), "distinct"],
    [() => silhouette([1, NaN, 3], [0, 1, 1]), "row 1, column 0"],
    [() => silhouette([1, 2, 3], [0, 0.5, 1]), "labels[1]"],
    [() => silhouette([1, 2, 3], [0, 1, 1], { metric: "l2" as "cosine" }), "metric"],
    [() => knnConsistency([1, 2, 3], [0, 1, 1], { k: 3 }), "Expected k"],
    [() => knnConsistency([1, 2, 3], [0, 1, 1], { k: 0 }), "Expected k"],
    [() => classAngles([1, 0, 0, 0], [0, 1]), "row 1 is all zeros"],
    [() => linearCka([1, 2], [1, 2, 3], 2), "second"],
    [() => linearCka([1], [1], 1), "Expected n"],
    [() => proxyADistance([1, 2, 3], [1, 2, 3, 4], 1), "smaller domain"],
    [() => proxyADistance([1, 2, 3], [1, 2, 3, 4], 2), "Expected width"],
    [() => proxyADistance([1, 2, 3, 4], [1, 2, 3, 4], 1, { l2: 0 }), "l2"],
  ];
  for (const [call, message] of refused) assertThrows(call, RangeError, message);
});
