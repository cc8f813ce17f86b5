import { throwIfInterrupted } from "../../terminal/interrupt.ts";
import { requireInteger, requireOneOf } from "../../arguments/require.ts";
import { generator } from "../../random/generator.ts";
import {
  createDataset,
  type Dataset,
  datasetDefinition,
  type DatasetName,
  datasetNames,
  IMAGE_BYTES,
  type Split,
  splits,
} from "../dataset.ts";

/** Enough for a run of minutes; `limit` may ask for any other number. */
const DEFAULT_SIZES: Readonly<Record<Split, number>> = { train: 4000, test: 1000 };

/** Options of {@linkcode proceduralDataset}. */
export interface ProceduralOptions {
  /** Number of images, >= 1. Default 4,000 for training, 1,000 for testing. */
  readonly limit?: number | undefined;
  /** Another seed gives other images of the same kind. Default 0. */
  readonly seed?: number | undefined;
}

/**
 * Generates a stand-in for a dataset: hand-like strokes for MNIST, street-like coloured digits for
 * SVHN, ten classes of textured coloured shapes for CIFAR-10. Each image is a function of name, split,
 * seed and index: a longer set starts with the shorter one's images, and every ten images hold each
 * class once.
 *
 * @param name Which dataset to stand in for.
 * @param split Training and test images are drawn independently.
 * @param options See {@linkcode ProceduralOptions}.
 * @returns A dataset whose `source` is "procedural"; the shapes have class names of their own.
 * @throws {RangeError} If an argument is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const data = proceduralDataset("cifar10", "test", { limit: 30 });
 * assertEquals([data.source, data.length], ["procedural", 30]);
 * ```
 */
export function proceduralDataset(
  name: DatasetName,
  split: Split,
  { limit, seed = 0 }: ProceduralOptions = {},
): Dataset {
  requireOneOf("name", name, datasetNames);
  requireOneOf("split", split, splits);
  const length = limit ?? DEFAULT_SIZES[split];
  requireInteger("limit", length, { min: 1 });
  const { standIn, classNames: published } = datasetDefinition(name);
  const { paint, classNames = published } = standIn;
  const stream = [standIn.stream, splits.indexOf(split)];
  const images = new Uint8Array(length * IMAGE_BYTES);
  const labels = new Uint8Array(length);
  for (let block = 0; block < length; block += classNames.length) {
    throwIfInterrupted();
    const order = generator(seed, ...stream, -1, block).shuffle(
      Uint8Array.from({ length: classNames.length }, (_, label) => label),
    );
    for (let index = block; index < Math.min(length, block + classNames.length); index++) {
      labels[index] = order[index - block]!;
      const pixels = paint(labels[index]!, generator(seed, ...stream, index));
      images.set(pixels, index * IMAGE_BYTES);
    }
  }
  return createDataset({ name, split, source: "procedural", images, labels, classNames });
}
