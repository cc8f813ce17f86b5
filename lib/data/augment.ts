import { requireOneOf } from "../arguments/require.ts";
import { type Generator, generator } from "../random/generator.ts";
import {
  type ChannelTables,
  flippedAxis,
  type ImagePlace,
  movePixels,
  rotatePixels,
  shiftedAxis,
} from "./_image_moves.ts";
import { type DatasetName, IMAGE_BYTES } from "./dataset.ts";

/**
 * Changes to training images that shall leave their meaning alone.
 *
 * - "none": no change.
 * - "standard": right for the dataset's meaning. CIFAR-10: crop out of a 4-pixel zero border,
 *   horizontal flip, mild colour jitter; a mirrored horse is a horse. Digits: shift by up to 2 pixels
 *   with the edge repeated and mild contrast; no flips and no strong rotation, see below.
 * - "flips": horizontal and vertical flips, each with probability 1/2.
 * - "rotations": rotation by any angle, uniform in [-180, 180) degrees.
 *
 * The last two exist to show why digits must not be augmented so: a mirrored 2 is no digit, a 6
 * turned by 180 degrees is a 9, yet the label stays. The model is taught wrong answers, and capacity
 * goes into images that never occur.
 */
export type AugmentName = "none" | "standard" | "flips" | "rotations";

/** All names, for checks and command lines. */
export const augmentNames: readonly AugmentName[] = ["none", "standard", "flips", "rotations"];

/** Writes a changed copy of the image at `source` to `target`. */
type Transform = (source: ImagePlace, target: ImagePlace, g: Generator) => void;

/** Largest relative change of contrast (about the image's mean), brightness and each channel. */
interface JitterStrength {
  readonly contrast: number;
  readonly brightness: number;
  readonly gain: number;
}

function meanOf({ bytes, start }: ImagePlace): number {
  let sum = 0;
  for (let k = start; k < start + IMAGE_BYTES; k++) sum += bytes[k]!;
  return sum / IMAGE_BYTES;
}

/** A table v -> slope * v + offset, rounded and clamped to bytes. */
function affineTable(slope: number, offset: number): Uint8ClampedArray {
  const table = new Uint8ClampedArray(256);
  for (let v = 0; v < 256; v++) table[v] = slope * v + offset;
  return table;
}

/** Draws a mild change of colours. */
function drawJitter(image: ImagePlace, g: Generator, strength: JitterStrength): ChannelTables {
  const factor = (range: number) => 1 + range * (2 * g.uniform() - 1);
  const contrast = factor(strength.contrast);
  const brightness = factor(strength.brightness);
  const offset = (1 - contrast) * meanOf(image);
  const table = () => {
    const gain = brightness * factor(strength.gain);
    return affineTable(contrast * gain, offset * gain);
  };
  if (strength.gain > 0) return [table(), table(), table()];
  const same = table();
  return [same, same, same];
}

/** A whole number, uniform in [-range, range]. */
function drawOffset(g: Generator, range: number): number {
  return g.integer(2 * range + 1) - range;
}

const standardObjects: Transform = (source, target, g) => {
  const rows = shiftedAxis(drawOffset(g, 4), "zero");
  const columns = shiftedAxis(drawOffset(g, 4), "zero");
  if (g.uniform() < 0.5) columns.reverse();
  const tables = drawJitter(source, g, { contrast: 0.15, brightness: 0.1, gain: 0.05 });
  movePixels(source, target, rows, columns, tables);
};

const standardDigits: Transform = (source, target, g) => {
  const rows = shiftedAxis(drawOffset(g, 2), "edge");
  const columns = shiftedAxis(drawOffset(g, 2), "edge");
  const tables = drawJitter(source, g, { contrast: 0.2, brightness: 0.1, gain: 0 });
  movePixels(source, target, rows, columns, tables);
};

const flips: Transform = (source, target, g) => {
  const columns = flippedAxis(g.uniform() < 0.5);
  movePixels(source, target, flippedAxis(g.uniform() < 0.5), columns);
};

const rotations: Transform = (source, target, g) => {
  rotatePixels(source, target, Math.PI * (2 * g.uniform() - 1));
};

function transformFor(augment: AugmentName, dataset: DatasetName): Transform | undefined {
  switch (augment) {
    case "none":
      return undefined;
    case "standard":
      return dataset === "cifar10" ? standardObjects : standardDigits;
    case "flips":
      return flips;
    case "rotations":
      return rotations;
  }
}

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
  const transform = transformFor(augment, dataset);
  const out = new Uint8Array(indices.length * IMAGE_BYTES);
  for (let k = 0; k < indices.length; k++) {
    const start = indices[k]! * IMAGE_BYTES;
    const target = { bytes: out, start: k * IMAGE_BYTES };
    if (transform) transform({ bytes: images, start }, target, generator(seed, indices[k]!));
    else out.set(images.subarray(start, start + IMAGE_BYTES), target.start);
  }
  return out;
}
