/** A small picture of real numbers on which the stand-ins are painted. */
import type { Generator } from "../../random/generator.ts";
import { CHANNELS, IMAGE_BYTES, IMAGE_SIZE } from "../definition.ts";

/** Red, green, blue; 0 to 255. */
export type Colour = readonly [number, number, number];

/** 32 x 32 x 3 values, nominally in [0, 255]. */
export type Canvas = Float32Array;

/** One value per pixel. */
export type Mask = Float32Array;

/** A black canvas. */
export function createCanvas(): Canvas {
  return new Float32Array(IMAGE_BYTES);
}

/** Fills with a linear gradient between two colours at a given angle. */
export function fillGradient(canvas: Canvas, from: Colour, to: Colour, angle: number): void {
  const dx = Math.cos(angle) / IMAGE_SIZE;
  const dy = Math.sin(angle) / IMAGE_SIZE;
  const middle = (IMAGE_SIZE - 1) / 2;
  for (let row = 0, k = 0; row < IMAGE_SIZE; row++) {
    for (let column = 0; column < IMAGE_SIZE; column++) {
      const t = 0.5 + (column - middle) * dx + (row - middle) * dy;
      for (let c = 0; c < CHANNELS; c++) canvas[k++] = from[c]! + t * (to[c]! - from[c]!);
    }
  }
}

/** Paints a colour where the mask is 1; in between it is mixed with what is there. */
export function paint(canvas: Canvas, mask: Mask, colour: Colour): void {
  for (let pixel = 0, k = 0; pixel < mask.length; pixel++) {
    const share = mask[pixel]!;
    if (share === 0) {
      k += CHANNELS;
      continue;
    }
    for (let c = 0; c < CHANNELS; c++, k++) canvas[k]! += share * (colour[c]! - canvas[k]!);
  }
}

/** One blur pass along an axis, the edge repeated: weights (side, 1 - 2 side, side). */
function blurAxis(canvas: Canvas, step: number, side: number): void {
  const stride = step * CHANNELS;
  const across = step === 1 ? IMAGE_SIZE * CHANNELS : CHANNELS;
  for (let line = 0; line < IMAGE_SIZE; line++) {
    for (let c = 0; c < CHANNELS; c++) {
      let k = line * across + c;
      let before = canvas[k]!;
      for (let position = 0; position < IMAGE_SIZE; position++, k += stride) {
        const here = canvas[k]!;
        const after = position === IMAGE_SIZE - 1 ? here : canvas[k + stride]!;
        canvas[k] = here + side * (before + after - 2 * here);
        before = here;
      }
    }
  }
}

/** Blurs approximately like a Gaussian of the given standard deviation in pixels. */
export function blur(canvas: Canvas, sigma: number): void {
  // A pass with side weight s has variance 2 s; s <= 1/4 keeps it a low-pass filter.
  const passes = Math.max(1, Math.ceil(sigma * sigma / 0.5));
  const side = sigma * sigma / passes / 2;
  for (let pass = 0; pass < passes; pass++) {
    blurAxis(canvas, 1, side);
    blurAxis(canvas, IMAGE_SIZE, side);
  }
}

/** Adds independent, nearly normal noise: the sum of four uniform bytes of one draw. */
export function addNoise(canvas: Canvas, sigma: number, g: Generator): void {
  const scale = sigma / Math.sqrt((256 * 256 - 1) / 3);
  for (let k = 0; k < canvas.length; k++) {
    const bits = g.uint32();
    const sum = (bits & 255) + (bits >>> 8 & 255) + (bits >>> 16 & 255) + (bits >>> 24);
    canvas[k]! += scale * (sum - 510);
  }
}

/** Rounds and clamps to bytes. */
export function toBytes(canvas: Canvas): Uint8ClampedArray {
  return Uint8ClampedArray.from(canvas);
}

/** Uniform in [low, high). */
export function between(g: Generator, low: number, high: number): number {
  return low + (high - low) * g.uniform();
}

/** A colour of the given lightness; `chroma` bounds how far each channel strays from grey. */
export function randomColour(g: Generator, lightness: number, chroma: number): Colour {
  const red = between(g, -chroma, chroma);
  const green = between(g, -chroma, chroma);
  const blue = between(g, -chroma, chroma);
  // Rec. 601 weights: taking the mean out leaves the lightness as asked.
  const grey = lightness - (0.299 * red + 0.587 * green + 0.114 * blue);
  return [grey + red, grey + green, grey + blue];
}
