import { tf } from "../backend/tf.ts";
import { type Dataset, warnOfLimit } from "../data/dataset.ts";
import { requireInteger } from "../arguments/require.ts";
import type { Classifier } from "../nn/classifier.ts";
import type { ImageShape } from "../data/dataset.ts";
import { requireFitting } from "../nn/require_fitting.ts";

/** Every byte as the float32 pixel value in [0, 1]. */
function pixelTable(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
}

/**
 * Chosen images of a dataset as one batch.
 *
 * @param indices Places in the dataset.
 * @returns Owned tensors: pixels [n, height, width, channels] in [0, 1] and int32 labels [n].
 */
export function imagesAt(
  data: Dataset,
  indices: ArrayLike<number>,
  [height, width, channels]: ImageShape,
): { x: tf.Tensor4D; y: tf.Tensor1D } {
  const size = height * width * channels;
  const table = pixelTable();
  const pixels = new Float32Array(indices.length * size);
  for (let image = 0, next = 0; image < indices.length; image++) {
    const start = indices[image]! * size;
    for (let byte = start; byte < start + size; byte++) pixels[next++] = table[data.images[byte]!]!;
  }
  const labels = Int32Array.from(indices, (index) => data.labels[index]!);
  return {
    x: tf.tensor4d(pixels, [indices.length, height, width, channels]),
    y: tf.tensor1d(labels, "int32"),
  };
}

/**
 * Checks that a dataset fits a model and how many of its images are used.
 *
 * @param limit How many images, from the start; all without.
 * @throws {RangeError} If limit is below 1, the dataset empty, of another size, or has a label that
 * the model has no logit for.
 */
export function usedImages(data: Dataset, model: Classifier, limit: number | undefined): number {
  requireFitting("data", data, model);
  if (limit !== undefined) requireInteger("limit", limit, { min: 1 });
  warnOfLimit(limit, data.labels);
  return Math.min(limit ?? data.length, data.length);
}

/** Cuts a list into batches. */
export function inBatches(indices: readonly number[], batchSize: number): number[][] {
  const batches: number[][] = [];
  for (let start = 0; start < indices.length; start += batchSize) {
    batches.push(indices.slice(start, start + batchSize));
  }
  return batches;
}
