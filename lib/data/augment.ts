import { requireOneOf } from "../arguments/require.ts";
import { type Generator, generator } from "../random/generator.ts";
import { CHANNELS, type DatasetName, IMAGE_BYTES, IMAGE_SIZE } from "./dataset.ts";

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

/** Writes a changed copy of the image at `from` of `source` to `to` of `target`. */
type Transform = (
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  to: number,
  g: Generator,
) => void;

/** A 256-entry table v -> slope * v + offset, rounded and clamped to bytes. */
function affineTable(slope: number, offset: number): Uint8ClampedArray {
  const table = new Uint8ClampedArray(256);
  for (let v = 0; v < 256; v++) table[v] = slope * v + offset;
  return table;
}

function meanOf(bytes: Uint8Array, start: number): number {
  let sum = 0;
  for (let k = start; k < start + IMAGE_BYTES; k++) sum += bytes[k]!;
  return sum / IMAGE_BYTES;
}

/** Uniform in [1 - range, 1 + range]. */
function factor(g: Generator, range: number): number {
  return 1 + range * (2 * g.uniform() - 1);
}

/** Contrast about the image's mean, brightness, and a gain per channel, as three tables. */
function jitter(image: Uint8Array, start: number, g: Generator, strength: {
  readonly contrast: number;
  readonly brightness: number;
  readonly gain: number;
}): void {
  const contrast = factor(g, strength.contrast);
  const brightness = factor(g, strength.brightness);
  const offset = (1 - contrast) * meanOf(image, start);
  for (let c = 0; c < CHANNELS; c++) {
    const gain = brightness * factor(g, strength.gain);
    const table = affineTable(contrast * gain, offset * gain);
    for (let k = start + c; k < start + IMAGE_BYTES; k += CHANNELS) image[k] = table[image[k]!]!;
  }
}

/** Shifts by whole pixels; what comes in from outside is zero or the nearest edge pixel. */
function shift(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  to: number,
  [down, right]: readonly [number, number],
  border: "zero" | "edge",
): void {
  const last = IMAGE_SIZE - 1;
  for (let row = 0; row < IMAGE_SIZE; row++) {
    const sourceRow = row - down;
    const isOutside = sourceRow < 0 || sourceRow > last;
    const line = from + Math.min(last, Math.max(0, sourceRow)) * IMAGE_SIZE * CHANNELS;
    let position = to + row * IMAGE_SIZE * CHANNELS;
    for (let column = 0; column < IMAGE_SIZE; column++, position += CHANNELS) {
      const sourceColumn = column - right;
      if (border === "zero" && (isOutside || sourceColumn < 0 || sourceColumn > last)) {
        target[position] = target[position + 1] = target[position + 2] = 0;
        continue;
      }
      const pixel = line + CHANNELS * Math.min(last, Math.max(0, sourceColumn));
      target[position] = source[pixel]!;
      target[position + 1] = source[pixel + 1]!;
      target[position + 2] = source[pixel + 2]!;
    }
  }
}

/** Reverses columns and/or rows. */
function flip(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  to: number,
  horizontally: boolean,
  vertically: boolean,
): void {
  for (let row = 0; row < IMAGE_SIZE; row++) {
    const sourceRow = vertically ? IMAGE_SIZE - 1 - row : row;
    let position = to + row * IMAGE_SIZE * CHANNELS;
    for (let column = 0; column < IMAGE_SIZE; column++, position += CHANNELS) {
      const sourceColumn = horizontally ? IMAGE_SIZE - 1 - column : column;
      const pixel = from + CHANNELS * (sourceRow * IMAGE_SIZE + sourceColumn);
      target[position] = source[pixel]!;
      target[position + 1] = source[pixel + 1]!;
      target[position + 2] = source[pixel + 2]!;
    }
  }
}

/** Rotates about the centre, bilinear, the edge repeated outside. */
function rotate(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  to: number,
  angle: number,
): void {
  const centre = (IMAGE_SIZE - 1) / 2;
  const last = IMAGE_SIZE - 1;
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  let position = to;
  for (let row = 0; row < IMAGE_SIZE; row++) {
    for (let column = 0; column < IMAGE_SIZE; column++) {
      const dy = row - centre;
      const dx = column - centre;
      const y = Math.min(last, Math.max(0, centre + cosine * dy - sine * dx));
      const x = Math.min(last, Math.max(0, centre + sine * dy + cosine * dx));
      const top = Math.min(last - 1, y | 0);
      const left = Math.min(last - 1, x | 0);
      const v = y - top;
      const u = x - left;
      const pixel = from + CHANNELS * (top * IMAGE_SIZE + left);
      const below = pixel + CHANNELS * IMAGE_SIZE;
      for (let c = 0; c < CHANNELS; c++) {
        const above = source[pixel + c]! * (1 - u) + source[pixel + CHANNELS + c]! * u;
        const under = source[below + c]! * (1 - u) + source[below + CHANNELS + c]! * u;
        target[position++] = above * (1 - v) + under * v + 0.5;
      }
    }
  }
}

/** A whole number, uniform in [-range, range]. */
function offset(g: Generator, range: number): number {
  return g.integer(2 * range + 1) - range;
}

const standardObjects: Transform = (source, from, target, to, g) => {
  const moved = [offset(g, 4), offset(g, 4)] as const;
  shift(source, from, target, to, moved, "zero");
  if (g.uniform() < 0.5) {
    const copy = target.slice(to, to + IMAGE_BYTES);
    flip(copy, 0, target, to, true, false);
  }
  jitter(target, to, g, { contrast: 0.15, brightness: 0.1, gain: 0.05 });
};

const standardDigits: Transform = (source, from, target, to, g) => {
  shift(source, from, target, to, [offset(g, 2), offset(g, 2)], "edge");
  jitter(target, to, g, { contrast: 0.2, brightness: 0.1, gain: 0 });
};

const flips: Transform = (source, from, target, to, g) => {
  const horizontally = g.uniform() < 0.5;
  flip(source, from, target, to, horizontally, g.uniform() < 0.5);
};

const rotations: Transform = (source, from, target, to, g) => {
  rotate(source, from, target, to, Math.PI * (2 * g.uniform() - 1));
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
 * import { assertEquals } from "../../tests/assert.ts";
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
    const from = indices[k]! * IMAGE_BYTES;
    const to = k * IMAGE_BYTES;
    if (transform) transform(images, from, out, to, generator(seed, indices[k]!));
    else out.set(images.subarray(from, from + IMAGE_BYTES), to);
  }
  return out;
}
