import { SIDE } from "./corruption.ts";

/** Steps and their lengths that reach a pixel from above and the left (Borgefors 1986, 5 x 5). */
const STEPS = [
  [-1, 0, 1],
  [0, -1, 1],
  [-1, -1, 1.4],
  [-1, 1, 1.4],
  [-2, -1, 2.1969],
  [-2, 1, 2.1969],
  [-1, -2, 2.1969],
  [-1, 2, 2.1969],
] as const;

/**
 * About the Euclidean distance, in pixels, of every pixel to the nearest mark: OpenCV's
 * `distanceTransform` with DIST_L2 and a 5 x 5 mask.
 *
 * @param marks One flag a pixel.
 * @returns Infinity everywhere without a mark.
 */
export function distanceToMarks(marks: Uint8Array): Float64Array {
  const distances = Float64Array.from(marks, (mark) => mark === 1 ? 0 : Infinity);
  for (const sign of [1, -1]) {
    for (let k = 0; k < distances.length; k++) {
      const at = sign === 1 ? k : distances.length - 1 - k;
      for (const [down, right, length] of STEPS) {
        const row = Math.floor(at / SIDE) + sign * down;
        const column = at % SIDE + sign * right;
        if (row < 0 || row >= SIDE || column < 0 || column >= SIDE) continue;
        distances[at] = Math.min(distances[at]!, distances[row * SIDE + column]! + length);
      }
    }
  }
  return distances;
}
