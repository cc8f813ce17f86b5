import { requireOneOf } from "../arguments/require.ts";
import { generator } from "../random/generator.ts";
import { flippedAxis, movePixels, rotatePixels } from "./_image_moves.ts";
import type { DatasetName } from "./dataset.ts";
import { IMAGE_BYTES, type Transform } from "./definition.ts";
import { definitions } from "./_registry.ts";

/**
 * Changes to training images.
 *
 * - "none": no change.
 * - "standard": leaves an image's meaning alone. CIFAR-10: crop out of a 4-pixel zero border,
 *   horizontal flip, mild colour jitter; a mirrored horse is a horse. Digits: shift by up to 2 pixels
 *   with the edge repeated and mild contrast; no flips and no strong rotation, see below.
 * - "flips": horizontal and vertical flips, each with probability 1/2.
 * - "rotations": rotation by any angle, uniform in [-180, 180) degrees.
 *
 * The last two exist to show why digits must not be augmented so: a mirrored 2 is no digit, a 6
 * turned by 180 degrees is a 9, yet the label stays. The model is taught wrong answers, and capacity
 * goes into images that never occur.
 */
export type AugmentName = typeof augmentNames[number];

/** All names, for checks and command lines. */
export const augmentNames = ["none", "standard", "flips", "rotations"] as const;

const flips: Transform = (source, target, g) => {
  const columns = flippedAxis(g.uniform() < 0.5);
  movePixels(source, target, flippedAxis(g.uniform() < 0.5), columns);
};

const rotations: Transform = (source, target, g) => {
  rotatePixels(source, target, Math.PI * (2 * g.uniform() - 1));
};

const transforms = { none: undefined, flips, rotations } as const;

/**
 * Augments chosen images. The draw for an image depends on the seed and its index alone, not on the
 * batch it is in.
 *
 * @param images Bytes of a dataset's images, NHWC; left unchanged.
 * @param indices Which images.
 * @param augment See {@linkcode AugmentName}.
 * @param dataset Whose meaning "standard" respects.
 * @param seed Any safe integer.
 * @returns New bytes, one image per index.
 * @throws {RangeError} If `augment` is no known name.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const image = new Uint8Array(3072).fill(9);
 * assertEquals(augmentImages(image, [0], "rotations", "mnist", 0), image);
 * ```
 */
export function augmentImages(
  images: Uint8Array,
  indices: ArrayLike<number>,
  augment: AugmentName,
  dataset: DatasetName,
  seed: number,
): Uint8Array {
  requireOneOf("augment", augment, augmentNames);
  const transform = augment === "standard" ? definitions[dataset].augment : transforms[augment];
  const out = new Uint8Array(indices.length * IMAGE_BYTES);
  for (let k = 0; k < indices.length; k++) {
    const start = indices[k]! * IMAGE_BYTES;
    const target = { bytes: out, start: k * IMAGE_BYTES };
    if (transform) transform({ bytes: images, start }, target, generator(seed, indices[k]!));
    else out.set(images.subarray(start, start + IMAGE_BYTES), target.start);
  }
  return out;
}
