import { reflect101 } from "./_border.ts";
import { SIDE } from "./corruption.ts";

/** A square kernel of odd side, row-major. */
export type Kernel = readonly number[];

/** One neighbour's part in a weighted sum. */
export interface Tap {
  readonly weight: number;
  /** Pixels to the right and down. */
  readonly right: number;
  readonly down: number;
}

/**
 * Each value's weighted sum over neighbours of its channel.
 *
 * @param border Where an index beyond the edge is read instead.
 */
export function sumNeighbours(
  values: Float64Array,
  taps: readonly Tap[],
  border: (index: number, size: number) => number,
): Float64Array {
  const channels = values.length / (SIDE * SIDE);
  return values.map((_, at) => {
    const channel = at % channels;
    const pixel = (at - channel) / channels;
    const column = pixel % SIDE;
    const row = (pixel - column) / SIDE;
    let sum = 0;
    for (const { weight, right, down } of taps) {
      const y = border(row + down, SIDE);
      const x = border(column + right, SIDE);
      sum += weight * values[(y * SIDE + x) * channels + channel]!;
    }
    return sum;
  });
}

/**
 * Correlates each channel with a small kernel, edges mirrored without repetition, as OpenCV's
 * `filter2D` does.
 */
export function convolve(values: Float64Array, kernel: Kernel): Float64Array {
  const side = Math.sqrt(kernel.length);
  const radius = (side - 1) / 2;
  const taps = kernel.map((weight, k) => ({
    weight,
    right: k % side - radius,
    down: Math.floor(k / side) - radius,
  }));
  return sumNeighbours(values, taps.filter(({ weight }) => weight !== 0), reflect101);
}

/** The kernel of a mean over 3 x 3 pixels. */
export const BOX: Kernel = Array<number>(9).fill(1 / 9);
