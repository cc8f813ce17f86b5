/** From bytes to a batch's numbers, without TensorFlow, so that a worker can do it too. */
import { generator } from "../random/generator.ts";
import { type Augmentation, augmentImages } from "./augment.ts";
import type { LabelledImages } from "./definition.ts";

/** The numbers of one batch. */
export interface BatchNumbers {
  /** [n, height, width, channels], row-major, in [0, 1], beyond it only by noise. */
  readonly pixels: Float32Array;
  /** [n]. */
  readonly labels: Int32Array;
}

/** v / 255 as float32 for every byte v. */
const scaled: Readonly<Float32Array> = Float32Array.from({ length: 256 }, (_, v) => v / 255);

/** Keeps the draws of noise apart from those of augmentation. */
const NOISE_STREAM = 0x6e6f6973;

/** Adds noise; an image's draws depend on the seed and its index alone, not on its batch. */
function addNoise(pixels: Float32Array, indices: Uint32Array, sigma: number, seed: number): void {
  const perImage = pixels.length / indices.length;
  for (let image = 0, next = 0; image < indices.length; image++) {
    const draw = generator(seed, indices[image]!, NOISE_STREAM);
    for (const end = next + perImage; next < end; next++) {
      pixels[next] = pixels[next]! + sigma * draw.normal();
    }
  }
}

/** Augments the chosen images, scales them to [0, 1] and adds noise. */
export function assembleBatch(
  data: LabelledImages,
  indices: Uint32Array,
  augmentation: Augmentation,
): BatchNumbers {
  const bytes = augmentImages(data.images, indices, augmentation);
  const pixels = new Float32Array(bytes.length);
  for (let k = 0; k < bytes.length; k++) pixels[k] = scaled[bytes[k]!]!;
  const { noiseSigma = 0, seed } = augmentation;
  if (noiseSigma > 0) addNoise(pixels, indices, noiseSigma, seed);
  return { pixels, labels: Int32Array.from(indices, (index) => data.labels[index]!) };
}
