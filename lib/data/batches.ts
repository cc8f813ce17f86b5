import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireBoolean, requireInteger } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import { generator } from "../random/generator.ts";
import { assembleBatch, type BatchNumbers } from "./_assemble_batch.ts";
import { augmentationOf, type AugmentName } from "./augment.ts";
import type { Dataset, ImageShape } from "./dataset.ts";

/** Images and labels as tensors; yours to dispose. */
export interface Batch {
  /** [n, height, width, channels] float32 pixels in [0, 1], beyond it only by `noiseSigma`. */
  readonly x: tf.Tensor4D;
  /** [n] int32 class indices. */
  readonly y: tf.Tensor1D;
}

/** Options of {@linkcode batches}. */
export interface BatchOptions {
  /** Default 128; the last batch may be smaller. */
  readonly batchSize?: number | undefined;
  /** Leave out a last batch that is smaller. Default `false`. */
  readonly dropLast?: boolean | undefined;
  /** Default `false`: the dataset's order. */
  readonly shuffle?: boolean | undefined;
  /** Default "none"; "standard" takes one of the lab's own data sets. */
  readonly augment?: AugmentName | undefined;
  /**
   * Standard deviation of Gaussian noise in pixel units, >= 0, on top of the augmentation; not clipped
   * to [0, 1]. Default 0.
   */
  readonly noiseSigma?: number | undefined;
  /** Decides order, augmentation and noise; take another one for each epoch. Default 0. */
  readonly seed?: number | undefined;
}

/** The names of {@linkcode BatchOptions}. */
export const batchOptionNames = {
  batchSize: true,
  dropLast: true,
  noiseSigma: true,
  shuffle: true,
  augment: true,
  seed: true,
} as const satisfies OptionNames<BatchOptions>;

/** Moves a batch's numbers into tensors. */
export function toTensors({ pixels, labels }: BatchNumbers, shape: ImageShape): Batch {
  return {
    x: tf.tensor4d(pixels, [labels.length, ...shape]),
    y: tf.tensor1d(labels, "int32"),
  };
}

/**
 * Cuts an epoch into batches of indices; each image is in exactly one.
 *
 * @param length Number of images.
 * @param options As for {@linkcode batches}; the order depends on `shuffle` and `seed` alone.
 * @returns Indices per batch.
 * @throws {RangeError} If batchSize or seed is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(batchIndices(5, { batchSize: 3 }).map((batch) => [...batch]), [[0, 1, 2], [3, 4]]);
 * ```
 */
export function batchIndices(
  length: number,
  { batchSize = 128, dropLast = false, shuffle = false, seed = 0 }: BatchOptions = {},
): Uint32Array[] {
  requireInteger("batchSize", batchSize, { min: 1 });
  requireBoolean("dropLast", dropLast);
  requireInteger("seed", seed);
  const order = Uint32Array.from({ length }, (_, index) => index);
  if (shuffle) generator(seed).shuffle(order);
  const count = dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
  return Array.from(
    { length: count },
    (_, k) => order.subarray(k * batchSize, (k + 1) * batchSize),
  );
}

/**
 * One epoch of batches. Order, augmentation and noise are functions of the seed: the same seed gives
 * the same batches, and an image's augmentation and noise do not depend on the batch size.
 *
 * @param data Left unchanged.
 * @param options See {@linkcode BatchOptions}.
 * @returns An iterable that makes each batch when it is asked for. Dispose both tensors of each.
 * @throws {RangeError} If an option is out of range, at the call.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "./load_dataset.ts";
 * const data = await loadDataset("svhn", "train", { source: "procedural", limit: 10 });
 * for (const { x, y } of batches(data, { batchSize: 5, shuffle: true, augment: "standard" })) {
 *   assertEquals(x.shape, [5, 32, 32, 3]);
 *   x.dispose();
 *   y.dispose();
 * }
 * ```
 */
export function batches(data: Dataset, options: BatchOptions = {}): Iterable<Batch> {
  requireKnownOptions("batches", options, batchOptionNames);
  const augmentation = augmentationOf(data, options);
  const chosen = batchIndices(data.length, options);
  return {
    *[Symbol.iterator]() {
      for (const indices of chosen) {
        yield toTensors(assembleBatch(data, indices, augmentation), augmentation.imageShape);
      }
    },
  };
}
