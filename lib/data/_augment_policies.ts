/** Changes to training images that leave their meaning alone. */
import type { Generator } from "../random/generator.ts";
import { type ChannelTables, movePixels, shiftedAxis } from "./_image_moves.ts";
import type { ImagePlace, Transform } from "./definition.ts";

/** Largest relative change of contrast (about the image's mean), brightness and each channel. */
interface JitterStrength {
  readonly contrast: number;
  readonly brightness: number;
  readonly gain: number;
}

function meanOf({ bytes, start, shape: [height, width, channels] }: ImagePlace): number {
  const size = height * width * channels;
  let sum = 0;
  for (let k = start; k < start + size; k++) sum += bytes[k]!;
  return sum / size;
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
  const [, , channels] = image.shape;
  if (strength.gain > 0) return Array.from({ length: channels }, table);
  return Array<Uint8ClampedArray>(channels).fill(table());
}

/** A whole number, uniform in [-range, range]. */
function drawOffset(g: Generator, range: number): number {
  return g.integer(2 * range + 1) - range;
}

/** For objects: crop out of a 4-pixel zero border, horizontal flip, mild colour jitter. */
export const cropAndFlipObject: Transform = (source, target, g) => {
  const [height, width] = source.shape;
  const rows = shiftedAxis(height, drawOffset(g, 4), "zero");
  const columns = shiftedAxis(width, drawOffset(g, 4), "zero");
  if (g.uniform() < 0.5) columns.reverse();
  const tables = drawJitter(source, g, { contrast: 0.15, brightness: 0.1, gain: 0.05 });
  movePixels(source, target, rows, columns, tables);
};

/** For digits: shift by up to 2 pixels with the edge repeated, mild contrast; no flip, no rotation. */
export const shiftDigit: Transform = (source, target, g) => {
  const [height, width] = source.shape;
  const rows = shiftedAxis(height, drawOffset(g, 2), "edge");
  const columns = shiftedAxis(width, drawOffset(g, 2), "edge");
  const tables = drawJitter(source, g, { contrast: 0.2, brightness: 0.1, gain: 0 });
  movePixels(source, target, rows, columns, tables);
};

/** For grey garments: crop out of a 2-pixel zero border, horizontal flip, mild contrast. */
export const cropAndFlipGarment: Transform = (source, target, g) => {
  const [height, width] = source.shape;
  const rows = shiftedAxis(height, drawOffset(g, 2), "zero");
  const columns = shiftedAxis(width, drawOffset(g, 2), "zero");
  if (g.uniform() < 0.5) columns.reverse();
  const tables = drawJitter(source, g, { contrast: 0.15, brightness: 0.1, gain: 0 });
  movePixels(source, target, rows, columns, tables);
};
