/** Moving an image's pixels: shifts, flips and rotations of 32 x 32 x 3 bytes. */
import { CHANNELS, IMAGE_SIZE, type ImagePlace } from "./definition.ts";

const LAST = IMAGE_SIZE - 1;
const ROW_BYTES = IMAGE_SIZE * CHANNELS;

/** For each row or column of the result, the one of the source; -1 where nothing is: zero. */
export type AxisMap = Int8Array;

/** One table of 256 bytes per channel, through which values go. */
export type ChannelTables = readonly [Uint8ClampedArray, Uint8ClampedArray, Uint8ClampedArray];

/** Shifts by `offset`; what comes in from outside is zero or the edge repeated. */
export function shiftedAxis(offset: number, border: "zero" | "edge"): AxisMap {
  return Int8Array.from({ length: IMAGE_SIZE }, (_, k) => {
    const source = k - offset;
    if (source >= 0 && source <= LAST) return source;
    return border === "zero" ? -1 : Math.min(LAST, Math.max(0, source));
  });
}

/** Keeps the order, or reverses it. */
export function flippedAxis(isFlipped: boolean): AxisMap {
  return Int8Array.from({ length: IMAGE_SIZE }, (_, k) => isFlipped ? LAST - k : k);
}

/** Copies an image with rows and columns moved and values mapped; `target` must start as zeros. */
export function movePixels(
  source: ImagePlace,
  target: ImagePlace,
  rows: AxisMap,
  columns: AxisMap,
  tables?: ChannelTables,
): void {
  const from = source.bytes;
  const to = target.bytes;
  const columnBytes = columns.map((column) => column < 0 ? -1 : column * CHANNELS);
  const [red, green, blue] = tables ?? [];
  for (let row = 0; row < IMAGE_SIZE; row++) {
    if (rows[row]! < 0) continue;
    const line = source.start + rows[row]! * ROW_BYTES;
    let position = target.start + row * ROW_BYTES;
    for (let column = 0; column < IMAGE_SIZE; column++, position += CHANNELS) {
      if (columnBytes[column]! < 0) continue;
      const pixel = line + columnBytes[column]!;
      to[position] = red ? red[from[pixel]!]! : from[pixel]!;
      to[position + 1] = green ? green[from[pixel + 1]!]! : from[pixel + 1]!;
      to[position + 2] = blue ? blue[from[pixel + 2]!]! : from[pixel + 2]!;
    }
  }
}

/** Rotates about the centre by `angle` radians, bilinear, the edge repeated outside. */
export function rotatePixels(source: ImagePlace, target: ImagePlace, angle: number): void {
  const from = source.bytes;
  const to = target.bytes;
  const centre = LAST / 2;
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  let position = target.start;
  for (let row = 0; row < IMAGE_SIZE; row++) {
    for (let column = 0; column < IMAGE_SIZE; column++) {
      const dy = row - centre;
      const dx = column - centre;
      const y = Math.min(LAST, Math.max(0, centre + cosine * dy - sine * dx));
      const x = Math.min(LAST, Math.max(0, centre + sine * dy + cosine * dx));
      const top = Math.min(LAST - 1, y | 0);
      const left = Math.min(LAST - 1, x | 0);
      const v = y - top;
      const u = x - left;
      const pixel = source.start + ROW_BYTES * top + CHANNELS * left;
      for (let c = pixel; c < pixel + CHANNELS; c++) {
        const above = from[c]! + u * (from[c + CHANNELS]! - from[c]!);
        const below = c + ROW_BYTES;
        const under = from[below]! + u * (from[below + CHANNELS]! - from[below]!);
        to[position++] = above + v * (under - above) + 0.5;
      }
    }
  }
}
