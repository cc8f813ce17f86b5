import { CHANNELS } from "./corruption.ts";

/** For each place along the result's side, the places of the source whose mean it is. */
function boxes(from: number, to: number): readonly (readonly [first: number, end: number])[] {
  const scale = from / to;
  // A pixel counts whole if its centre lies in the box; a box is one pixel wide at least.
  const reach = Math.max(1, scale) / 2;
  return Array.from({ length: to }, (_, k) => {
    const centre = (k + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    return [first, Math.min(from, Math.floor(centre + reach + 0.5))] as const;
  });
}

/** Each row resized to the boxes' number of pixels, each of which is rounded to a byte; transposed. */
function resizedRows(
  values: Float64Array,
  from: number,
  axis: ReturnType<typeof boxes>,
): Float64Array {
  const rows = values.length / (from * CHANNELS);
  const resized = new Float64Array(rows * axis.length * CHANNELS);
  for (let row = 0; row < rows; row++) {
    axis.forEach(([first, end], k) => {
      for (let channel = 0; channel < CHANNELS; channel++) {
        let sum = 0;
        for (let at = first; at < end; at++) {
          sum += Math.round(255 * values[(row * from + at) * CHANNELS + channel]!);
        }
        resized[(k * rows + row) * CHANNELS + channel] = Math.round(sum / (end - first)) / 255;
      }
    });
  }
  return resized;
}

/**
 * Resizes a square image by means over boxes, along rows, then columns, each rounded to bytes: Pillow's
 * `resize` with BOX.
 *
 * @param image Values from 0 to 1 of from * from pixels, whole bytes b / 255.
 * @returns Such values of to * to pixels.
 */
export function boxResized(image: Float64Array, from: number, to: number): Float64Array {
  const axis = boxes(from, to);
  return resizedRows(resizedRows(image, from, axis), from, axis);
}
