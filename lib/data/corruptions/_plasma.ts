import type { Generator } from "../../random/generator.ts";
import { AREA, SIDE } from "./corruption.ts";

/**
 * A cloudy map by the diamond-square algorithm (Fournier, Fussell and Carpenter 1982) on a map whose
 * edges meet, from 0 to 1.
 *
 * @param decay What the roughness is divided by from one scale to the next.
 * @returns One number a pixel; the lowest is 0, the highest 1.
 */
export function plasma(decay: number, draws: Generator): Float64Array {
  const map = new Float64Array(AREA);
  const at = (row: number, column: number) => (row + SIDE) % SIDE * SIDE + (column + SIDE) % SIDE;
  let rough = 100;
  /** The mean of four points of the map, and noise. */
  const raise = (row: number, column: number, around: readonly (readonly [number, number])[]) => {
    const sum = around.reduce(
      (total, [down, right]) => total + map[at(row + down, column + right)]!,
      0,
    );
    map[at(row, column)] = sum / 4 + rough * rough * (2 * draws.uniform() - 1);
  };
  for (let step = SIDE; step >= 2; step /= 2) {
    const half = step / 2;
    const corners = [[-half, -half], [-half, half], [half, -half], [half, half]] as const;
    const sides = [[-half, 0], [half, 0], [0, -half], [0, half]] as const;
    const passes = [
      { top: half, left: half, around: corners },
      { top: 0, left: half, around: sides },
      { top: half, left: 0, around: sides },
    ];
    for (const { top, left, around } of passes) {
      for (let row = top; row < SIDE; row += step) {
        for (let column = left; column < SIDE; column += step) raise(row, column, around);
      }
    }
    rough /= decay;
  }
  const low = Math.min(...map);
  const high = Math.max(...map);
  return map.map((value) => (value - low) / (high - low));
}
