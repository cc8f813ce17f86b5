/** From bytes to a batch's numbers, without TensorFlow, so that a worker can do it too. */
import { type Augmentation, augmentImages } from "./augment.ts";
import type { LabelledImages } from "./definition.ts";

/** The numbers of one batch. */
export interface BatchNumbers {
  /** [n, height, width, channels], row-major, in [0, 1]. */
  readonly pixels: Float32Array;
  /** [n]. */
  readonly labels: Int32Array;
}

/** v / 255 as float32 for every byte v. */
const scaled: Readonly<Float32Array> = Float32Array.from({ length: 256 }, (_, v) => v / 255);

/** Augments the chosen images and scales them to [0, 1]. */
export function assembleBatch(
  data: LabelledImages,
  indices: Uint32Array,
  augmentation: Augmentation,
): BatchNumbers {
  const bytes = augmentImages(data.images, indices, augmentation);
  const pixels = new Float32Array(bytes.length);
  for (let k = 0; k < bytes.length; k++) pixels[k] = scaled[bytes[k]!]!;
  return { pixels, labels: Int32Array.from(indices, (index) => data.labels[index]!) };
}
