import { requireInteger, requireNumber } from "../arguments/require.ts";
import { generator } from "../random/generator.ts";
import { type Dataset, indicesByClass, requireDataset } from "./dataset.ts";
import { selectImages } from "./select_images.ts";

/**
 * How many images of each class to hold out: together `total`, each class's share within one of
 * fraction * size (largest remainders; ties go to the lower class).
 */
function quotas(sizes: readonly number[], fraction: number, total: number): number[] {
  const exact = sizes.map((size) => size * fraction);
  const counts = exact.map(Math.floor);
  const left = total - counts.reduce((sum, count) => sum + count, 0);
  const byRemainder = sizes.map((_, k) => k)
    .filter((k) => counts[k]! < sizes[k]!)
    .sort((a, b) => (exact[b]! - counts[b]!) - (exact[a]! - counts[a]!) || a - b);
  for (const k of byRemainder.slice(0, left)) counts[k]!++;
  return counts;
}

/**
 * The images of the two parts of {@linkcode splitDataset}, by their places in `data`.
 *
 * @returns Those that stay and those that are held out, each in ascending order.
 * @throws {RangeError} As {@linkcode splitDataset}.
 */
export function splitIndices(
  data: Dataset,
  fraction: number,
  seed: number,
): [stay: number[], heldOut: number[]] {
  requireDataset("data", data);
  requireNumber("fraction", fraction, { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true });
  requireInteger("seed", seed);
  requireInteger("data.length", data.length, { min: 2 });
  const total = Math.min(data.length - 1, Math.max(1, Math.round(fraction * data.length)));
  const byClass = indicesByClass(data);
  const counts = quotas(byClass.map((indices) => indices.length), fraction, total);
  const isHeldOut = new Uint8Array(data.length);
  byClass.forEach((indices, label) => {
    const shuffled = generator(seed, label).shuffle([...indices]);
    for (const index of shuffled.slice(0, counts[label])) isHeldOut[index] = 1;
  });
  const all = Array.from({ length: data.length }, (_, index) => index);
  return [all.filter((index) => !isHeldOut[index]), all.filter((index) => isHeldOut[index])];
}

/**
 * Splits a dataset in two, stratified: each class keeps its share in both parts to within one image.
 * Both parts keep the order of `data`.
 *
 * @param data At least two images; left unchanged.
 * @param fraction Share to hold out, in (0, 1).
 * @param seed Decides which images are held out.
 * @returns The rest and the held-out part, round(fraction * N) images but at least one in each.
 * @throws {RangeError} If fraction or seed is out of range or there are fewer than two images.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "./load_dataset.ts";
 * const data = await loadDataset("mnist", "train", { source: "procedural", limit: 50 });
 * const [training, validation] = splitDataset(data, 0.1, 0);
 * assertEquals([training.length, validation.length], [45, 5]);
 * ```
 */
export function splitDataset(data: Dataset, fraction: number, seed: number): [Dataset, Dataset] {
  const [stay, heldOut] = splitIndices(data, fraction, seed);
  return [selectImages(data, stay), selectImages(data, heldOut)];
}
