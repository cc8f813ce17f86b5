import { requireNumber, requireOneOf } from "../arguments/require.ts";
import { generator } from "../random/generator.ts";
import { flippedAxis, movePixels, rotatePixels } from "./_image_moves.ts";
import { type Dataset, imageSize, knownDefinition, requireDataset } from "./dataset.ts";
import type { ImageShape, Transform } from "./definition.ts";

/**
 * Changes to training images.
 *
 * - "none": no change.
 * - "standard": leaves an image's meaning alone. CIFAR-10: crop out of a 4-pixel zero border,
 *   horizontal flip, mild colour jitter; a mirrored horse is a horse. Digits: shift by up to 2 pixels
 *   with the edge repeated and mild contrast; no flips and no strong rotation, see below; KMNIST's
 *   characters likewise. CIFAR-100 as CIFAR-10. Fashion-MNIST: crop out of a 2-pixel zero border,
 *   horizontal flip, mild contrast. A data set of your own has no "standard": the lab cannot know what
 *   its images mean.
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
  const [height, width] = source.shape;
  const columns = flippedAxis(width, g.uniform() < 0.5);
  movePixels(source, target, flippedAxis(height, g.uniform() < 0.5), columns);
};

const rotations: Transform = (source, target, g) => {
  rotatePixels(source, target, Math.PI * (2 * g.uniform() - 1));
};

const transforms = { none: undefined, flips, rotations } as const;

/** What is done to chosen images of a dataset, in a form that a worker can take. */
export interface Augmentation {
  /** Name of the dataset whose meaning "standard" respects. */
  readonly name: string;
  readonly imageShape: ImageShape;
  readonly augment: AugmentName;
  /** Deviation of Gaussian noise on the scaled pixels. Default 0. */
  readonly noiseSigma?: number;
  /** Any safe integer. */
  readonly seed: number;
}

function transformOf({ name, augment }: Augmentation): Transform | undefined {
  requireOneOf("augment", augment, augmentNames);
  if (augment !== "standard") return transforms[augment];
  const known = knownDefinition(name);
  if (known) return known.augment;
  const others = augmentNames.filter((one) => one !== "standard").map((one) => `"${one}"`);
  throw new RangeError(
    `Expected augment to be one of ${others.join(", ")} for the data set "${name}" but found ` +
      `"standard": only of its own data sets does the lab know which changes keep an image's meaning`,
  );
}

/**
 * The augmentation of a dataset's batches, with its defaults and checked.
 *
 * @throws {TypeError} If `data` is no dataset.
 * @throws {RangeError} If `augment` is no known name, "standard" for a dataset of the user's own, or
 * `noiseSigma` negative.
 */
export function augmentationOf(
  data: Dataset,
  { augment = "none", noiseSigma = 0, seed = 0 }: {
    readonly augment?: AugmentName | undefined;
    readonly noiseSigma?: number | undefined;
    readonly seed?: number | undefined;
  },
): Augmentation {
  const imageShape = requireDataset("data", data);
  requireNumber("noiseSigma", noiseSigma, { min: 0 });
  const augmentation = { name: data.name, imageShape, augment, noiseSigma, seed };
  transformOf(augmentation);
  return augmentation;
}

/**
 * Augments chosen images. The draw for an image depends on the seed and its index alone, not on the
 * batch it is in.
 *
 * @param images Bytes of a dataset's images, NHWC; left unchanged.
 * @param indices Which images.
 * @param augmentation See {@linkcode Augmentation}.
 * @returns New bytes, one image per index.
 * @throws {RangeError} If `augment` is no known name.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const image = new Uint8Array(28 * 28).fill(9);
 * const rotation = { name: "own", imageShape: [28, 28, 1], augment: "rotations", seed: 0 } as const;
 * assertEquals(augmentImages(image, [0], rotation), image);
 * ```
 */
export function augmentImages(
  images: Uint8Array,
  indices: ArrayLike<number>,
  augmentation: Augmentation,
): Uint8Array {
  const { imageShape: shape, seed } = augmentation;
  const transform = transformOf(augmentation);
  const size = imageSize(shape);
  const out = new Uint8Array(indices.length * size);
  for (let k = 0; k < indices.length; k++) {
    const start = indices[k]! * size;
    const target = { bytes: out, start: k * size, shape };
    if (transform) transform({ bytes: images, start, shape }, target, generator(seed, indices[k]!));
    else out.set(images.subarray(start, start + size), target.start);
  }
  return out;
}
