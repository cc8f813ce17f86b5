import { assertAlmostEquals, assertEquals } from "../../lib/assert/mod.ts";
import { nearestNeighbours } from "../../lib/metrics/representation/nearest_neighbours.ts";
import { generator } from "../../lib/random/generator.ts";

Deno.test("nearest neighbours are those of sorting all distances", () => {
  const [n, width, k] = [60, 7, 9];
  const random = generator(5);
  const features = Float32Array.from({ length: n * width }, () => random.normal());
  const { indices, distances } = nearestNeighbours(features, width, { k, metric: "euclidean" });
  for (let i = 0; i < n; i++) {
    const distanceTo = (j: number) =>
      Math.hypot(...Array.from(
        { length: width },
        (_, d) => features[i * width + d]! - features[j * width + d]!,
      ));
    const others = Array.from({ length: n }, (_, j) => j).filter((j) => j !== i);
    const nearest = others.toSorted((a, b) => distanceTo(a) - distanceTo(b)).slice(0, k);
    assertEquals([...indices.subarray(i * k, (i + 1) * k)], nearest);
    nearest.forEach((j, rank) =>
      assertAlmostEquals(distances[i * k + rank]!, distanceTo(j), 1e-12)
    );
  }
});

Deno.test("of equally near rows the one with the lower index comes first", () => {
  const { indices } = nearestNeighbours([0, 1, -1, 1], 1, { k: 3, metric: "euclidean" });
  assertEquals([...indices], [1, 2, 3, 3, 0, 2, 0, 1, 3, 1, 0, 2]);
});
