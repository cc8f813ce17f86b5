import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireParts } from "../arguments/require.ts";
import { type Generator, generator } from "../random/generator.ts";
import { assembleBatch } from "./_assemble_batch.ts";
import { augmentationOf, type AugmentName } from "./augment.ts";
import { type Batch, toTensors } from "./batches.ts";
import { type Dataset, indicesByClass } from "./dataset.ts";

/** Options of {@linkcode classBalancedBatches}. */
export interface ClassBalancedOptions {
  /** Classes per batch (P), >= 1. */
  readonly classes: number;
  /** Images per class in a batch (K), >= 1. */
  readonly images: number;
  /** Default "none"; "standard" takes one of the lab's own data sets. */
  readonly augment?: AugmentName | undefined;
  /** As for {@linkcode batches}. Default 0. */
  readonly noiseSigma?: number | undefined;
  /** Decides classes, images, augmentation and noise; take another one for each epoch. Default 0. */
  readonly seed?: number | undefined;
}

const optionNames: OptionNames<ClassBalancedOptions> = {
  classes: true,
  images: true,
  augment: true,
  seed: true,
  noiseSigma: true,
};

/**
 * Hands out values in random order, round after round. A hand-out holds no value twice unless it is
 * larger than a round.
 */
function createTurns(values: readonly number[], g: Generator): (count: number) => number[] {
  const queue: number[] = [];
  return (count) => {
    const taken: number[] = [];
    while (taken.length < count) {
      const isRepeatAllowed = taken.length >= values.length;
      const next = queue.findIndex((value) => isRepeatAllowed || !taken.includes(value));
      if (next < 0) queue.push(...g.shuffle([...values]));
      else taken.push(...queue.splice(next, 1));
    }
    return taken;
  };
}

/**
 * One epoch of class-balanced batches for metric learning: each batch has `classes` different
 * classes with `images` images of each, so that every anchor has positives and negatives. An epoch
 * has round(N / (classes * images)) batches, at least one. Classes take turns, and so do the images
 * of a class: a small class's images come again sooner, within one batch only if it has fewer than
 * `images`.
 *
 * @param data Left unchanged.
 * @param options See {@linkcode ClassBalancedOptions}.
 * @returns An iterable of batches, ordered by class within a batch. Dispose both tensors of each.
 * @throws {RangeError} If an option is out of range or the data have fewer classes than asked for.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "./load_dataset.ts";
 * const data = await loadDataset("cifar10", "train", { source: "procedural", limit: 40 });
 * for (const { x, y } of classBalancedBatches(data, { classes: 5, images: 2 })) {
 *   assertEquals(new Set(y.dataSync()).size, 5);
 *   x.dispose();
 *   y.dispose();
 * }
 * ```
 */
export function classBalancedBatches(
  data: Dataset,
  options: ClassBalancedOptions,
): Iterable<Batch> {
  requireKnownOptions("classBalancedBatches", options, optionNames);
  requireParts("options", options, "an object with classes and images", ["classes", "images"]);
  const augmentation = augmentationOf(data, options);
  const { classes, images, seed = 0 } = options;
  requireInteger("images", images, { min: 1 });
  requireInteger("seed", seed);
  const byClass = [...indicesByClass(data).entries()].filter(([, indices]) => indices.length > 0);
  requireInteger("classes", classes, { min: 1, max: byClass.length });
  const count = Math.max(1, Math.round(data.length / (classes * images)));
  return {
    *[Symbol.iterator]() {
      const nextClasses = createTurns(byClass.map(([label]) => label), generator(seed));
      const nextImages = new Map(
        byClass.map(([label, own]) => [label, createTurns(own, generator(seed, label))]),
      );
      for (let k = 0; k < count; k++) {
        const indices = nextClasses(classes).flatMap((label) => nextImages.get(label)!(images));
        const numbers = assembleBatch(data, Uint32Array.from(indices), augmentation);
        yield toTensors(numbers, augmentation.imageShape);
      }
    },
  };
}
