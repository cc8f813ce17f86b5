import golden from "../golden/pca.json" with { type: "json" };
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../lib/assert/mod.ts";
import { embedFeatures } from "../../lib/plots/embed_features.ts";
import { generator } from "../../lib/random/generator.ts";

/** n points around `clusters` far corners of a d-dimensional cube; point i belongs to i % clusters. */
function blobs(n: number, d: number, clusters = 3, seed = 1): Float32Array {
  const random = generator(seed);
  return Float32Array.from({ length: n * d }, (_, at) => {
    const cluster = Math.floor(at / d) % clusters;
    return (at % d % clusters === cluster ? 8 : 0) + random.normal();
  });
}

/** Share of points whose nearest neighbour is of the same cluster. */
function neighbourAgreement(coordinates: Float32Array, clusters = 3): number {
  const n = coordinates.length / 2;
  let agree = 0;
  for (let i = 0; i < n; i++) {
    let [nearest, best] = [-1, Infinity];
    for (let j = 0; j < n; j++) {
      const distance = Math.hypot(
        coordinates[2 * i]! - coordinates[2 * j]!,
        coordinates[2 * i + 1]! - coordinates[2 * j + 1]!,
      );
      if (j !== i && distance < best) [nearest, best] = [j, distance];
    }
    if (nearest % clusters === i % clusters) agree++;
  }
  return agree / n;
}

for (const shape of ["tall", "wide"] as const) {
  Deno.test(`PCA of ${shape} features agrees with scikit-learn`, () => {
    const { n, d, features, coordinates, explained } = golden[shape];
    const embedding = embedFeatures(features, n, d, { method: "pca" });
    embedding.coordinates.forEach((value, index) =>
      assertAlmostEquals(value, coordinates[index]!, 1e-5)
    );
    const shares = explained.map((one) => `${(100 * one).toFixed(0)} %`).join(" + ");
    assertEquals(embedding.method, `PCA, ${shares} of the variance`);
  });
}

Deno.test("few points are laid out by PCA, more by UMAP, and the method says so", () => {
  assertEquals(embedFeatures(blobs(49, 4), 49, 4).method.slice(0, 3), "PCA");
  assertEquals(embedFeatures(blobs(50, 4), 50, 4).method, "UMAP, 15 neighbours, seed 0");
  assertEquals(
    embedFeatures(blobs(60, 64), 60, 64, { seed: 4 }).method,
    "UMAP, 15 neighbours, seed 4 (after PCA from 64 to 50 dimensions)",
  );
});

Deno.test("UMAP keeps clusters together", () => {
  const { coordinates } = embedFeatures(blobs(150, 60), 150, 60);
  assert(neighbourAgreement(coordinates) > 0.95);
});

Deno.test("UMAP gives the same map for the same seed and another for another", () => {
  const features = blobs(80, 5);
  const first = embedFeatures(features, 80, 5, { seed: 1 }).coordinates;
  assertEquals(embedFeatures(features, 80, 5, { seed: 1 }).coordinates, first);
  const other = embedFeatures(features, 80, 5, { seed: 2 }).coordinates;
  assert(other.some((value, index) => value !== first[index]));
});

Deno.test("UMAP of few points uses fewer neighbours and ends", () => {
  for (const n of [4, 15, 16]) {
    const { method } = embedFeatures(blobs(n, 3), n, 3, { method: "umap" });
    assertEquals(method, `UMAP, ${Math.min(15, n - 1)} neighbours, seed 0`);
  }
});

Deno.test("equal points share one place under PCA and stay finite under UMAP", () => {
  const features = new Float32Array(60 * 4).fill(0.5);
  const { coordinates } = embedFeatures(features, 60, 4, { method: "pca" });
  assertEquals(coordinates, new Float32Array(120));
  assert(embedFeatures(features, 60, 4).coordinates.every(Number.isFinite));
});

Deno.test("one dimension lies on a line", () => {
  const { coordinates } = embedFeatures([1, 2, 6], 3, 1);
  assertEquals(coordinates, new Float32Array([-2, 0, -1, 0, 3, 0]));
});

Deno.test("embedding refuses sizes that do not fit and numbers that are none", () => {
  assertThrows(() => embedFeatures([1, 2, 3], 2, 2), RangeError, "features");
  assertThrows(() => embedFeatures([1, NaN, 3, 4], 2, 2), RangeError, "features");
  assertThrows(() => embedFeatures([1], 1, 1), RangeError, "n");
  assertThrows(() => embedFeatures([1, 2, 3], 3, 1, { method: "umap" }), RangeError, "n");
  assertThrows(() => embedFeatures([1, 2], 2, 1, { seed: 0.5, method: "pca" }), RangeError, "seed");
  assertThrows(
    () => embedFeatures([1, 2], 2, 1, { method: "tsne" as "pca" }),
    RangeError,
    "method",
  );
});

Deno.test("equal features share one place, whatever the method", () => {
  for (const method of ["umap", "pca"] as const) {
    const same = embedFeatures(new Float32Array(60 * 8).fill(0.3), 60, 8, { method });
    assertEquals(new Set(same.coordinates).size, 1);
    // Sixty points, of which each is there twice.
    const random = generator(3);
    const half = Float32Array.from({ length: 60 * 4 }, () => random.normal());
    const twice = new Float32Array([...half, ...half]);
    const { coordinates } = embedFeatures(twice, 120, 4, { method });
    assertEquals(coordinates.slice(0, 120), coordinates.slice(120));
    assert(new Set(coordinates).size > 100);
  }
});

Deno.test("equal wide features have equal rows of the basis, one for each point", () => {
  const random = generator(4);
  const half = Float32Array.from({ length: 60 * 64 }, () => random.normal());
  const { basis, method } = embedFeatures(new Float32Array([...half, ...half]), 120, 64);
  assertEquals(basis!.projected.length, 120 * 50);
  assertEquals(basis!.projected.slice(0, 60 * 50), basis!.projected.slice(60 * 50));
  assert(method.includes("60 points equal to others"));
});
