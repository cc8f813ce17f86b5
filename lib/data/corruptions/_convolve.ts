import { reflect101 } from "./_border.ts";
import { SIDE } from "./corruption.ts";

/** A square kernel of odd side, row-major. */
export type Kernel = readonly number[];

/**
 * Correlates each channel with a small kernel, edges mirrored without repetition, as OpenCV's
 * `filter2D` does.
 */
export function convolve(values: Float64Array, kernel: Kernel): Float64Array {
  const channels = values.length / (SIDE * SIDE);
  const side = Math.sqrt(kernel.length);
  const radius = (side - 1) / 2;
  return values.map((_, at) => {
    const channel = at % channels;
    const pixel = (at - channel) / channels;
    const column = pixel % SIDE;
    const row = (pixel - column) / SIDE;
    let sum = 0;
    kernel.forEach((weight, k) => {
      if (weight === 0) return;
      const y = reflect101(row + Math.floor(k / side) - radius, SIDE);
      const x = reflect101(column + k % side - radius, SIDE);
      sum += weight * values[(y * SIDE + x) * channels + channel]!;
    });
    return sum;
  });
}

/** The kernel of a mean over 3 x 3 pixels. */
export const BOX: Kernel = Array<number>(9).fill(1 / 9);
