import { nearest } from "./_border.ts";
import { SIDE } from "./corruption.ts";

/** Corners of the neighbourhood, row by row. */
const NEIGHBOURS = [[-1, -1], [-1, 0], [-1, 1], [0, -1], [0, 1], [1, -1], [1, 0], [1, 1]] as const;
/** tan(22.5 degrees) in 15 binary digits, as OpenCV rounds it. */
const TANGENT = 13573 / 32768;

/** Sobel's derivatives, edges repeated. */
function derivatives(bytes: Float64Array, row: number, column: number) {
  const read = (down: number, right: number) =>
    bytes[nearest(row + down, SIDE) * SIDE + nearest(column + right, SIDE)]!;
  const across = (down: number) => read(down, 1) - read(down, -1);
  const along = (right: number) => read(1, right) - read(-1, right);
  return {
    dx: across(-1) + 2 * across(0) + across(1),
    dy: along(-1) + 2 * along(0) + along(1),
  };
}

/** The neighbour along the gradient, as steps down and right, of the four that there are. */
function direction(dx: number, dy: number): readonly [number, number] {
  const [x, y] = [Math.abs(dx), Math.abs(dy)];
  if (y < TANGENT * x) return [0, 1];
  if (y > (TANGENT + 2) * x) return [1, 0];
  return [1, dx < 0 !== dy < 0 ? -1 : 1];
}

/**
 * Finds edges (Canny 1986) as OpenCV's `Canny` does: gradients by Sobel, their length |dx| + |dy|, only
 * maxima along the gradient kept, and weak ones only where they touch strong ones.
 *
 * @param bytes One number in 0 to 255 a pixel.
 * @param low Weak edges are longer.
 * @param high Strong edges are longer.
 * @returns 1 on an edge, else 0.
 */
export function cannyEdges(bytes: Float64Array, low: number, high: number): Uint8Array {
  const lengths = new Float64Array(bytes.length);
  const gradients = Array.from(bytes, (_, at) => {
    const gradient = derivatives(bytes, Math.floor(at / SIDE), at % SIDE);
    lengths[at] = Math.abs(gradient.dx) + Math.abs(gradient.dy);
    return gradient;
  });
  const lengthAt = (row: number, column: number) => {
    const isInside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
    return isInside ? lengths[row * SIDE + column]! : 0;
  };
  const isMaximum = (at: number) => {
    const [row, column] = [Math.floor(at / SIDE), at % SIDE];
    const [down, right] = direction(gradients[at]!.dx, gradients[at]!.dy);
    const before = lengthAt(row - down, column - right);
    const after = lengthAt(row + down, column + right);
    // On a plateau along an axis the first of two equals is kept, on a diagonal neither.
    const isDiagonal = down !== 0 && right !== 0;
    return lengths[at]! > before && (isDiagonal ? lengths[at]! > after : lengths[at]! >= after);
  };
  const edges = new Uint8Array(bytes.length);
  const open: number[] = [];
  const weak = new Uint8Array(bytes.length);
  lengths.forEach((length, at) => {
    if (length <= low || !isMaximum(at)) return;
    weak[at] = 1;
    if (length > high) open.push(at);
  });
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (edges[at] === 1) continue;
    edges[at] = 1;
    for (const [down, right] of NEIGHBOURS) {
      const [row, column] = [Math.floor(at / SIDE) + down, at % SIDE + right];
      if (row < 0 || row >= SIDE || column < 0 || column >= SIDE) continue;
      if (weak[row * SIDE + column] === 1) open.push(row * SIDE + column);
    }
  }
  return edges;
}
