/** Moving an image's pixels: shifts, flips and rotations of height x width x channels bytes. */
import type { ImagePlace } from "./definition.ts";

/** For each row or column of the result, the one of the source; -1 where nothing is: zero. */
export type AxisMap = Int32Array;

/** One table of 256 bytes per channel, through which values go. */
export type ChannelTables = readonly Uint8ClampedArray[];

/** Shifts by `offset`; what comes in from outside is zero or the edge repeated. */
export function shiftedAxis(length: number, offset: number, border: "zero" | "edge"): AxisMap {
  const last = length - 1;
  return Int32Array.from({ length }, (_, k) => {
    const source = k - offset;
    if (source >= 0 && source <= last) return source;
    return border === "zero" ? -1 : Math.min(last, Math.max(0, source));
  });
}

/** Keeps the order, or reverses it. */
export function flippedAxis(length: number, isFlipped: boolean): AxisMap {
  return Int32Array.from({ length }, (_, k) => isFlipped ? length - 1 - k : k);
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
  const [height, width, channels] = source.shape;
  const columnBytes = columns.map((column) => column < 0 ? -1 : column * channels);
  for (let row = 0; row < height; row++) {
    if (rows[row]! < 0) continue;
    const line = source.start + rows[row]! * width * channels;
    let position = target.start + row * width * channels;
    for (let column = 0; column < width; column++, position += channels) {
      if (columnBytes[column]! < 0) continue;
      const pixel = line + columnBytes[column]!;
      for (let c = 0; c < channels; c++) {
        const value = from[pixel + c]!;
        to[position + c] = tables ? tables[c]![value]! : value;
      }
    }
  }
}

/** Rotates about the centre by `angle` radians, bilinear, the edge repeated outside. */
export function rotatePixels(source: ImagePlace, target: ImagePlace, angle: number): void {
  const from = source.bytes;
  const to = target.bytes;
  const [height, width, channels] = source.shape;
  const [lastRow, lastColumn] = [height - 1, width - 1];
  // The neighbour below and to the right; in an image of one row or column, the pixel itself.
  const down = lastRow > 0 ? width * channels : 0;
  const right = lastColumn > 0 ? channels : 0;
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  let position = target.start;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const dy = row - lastRow / 2;
      const dx = column - lastColumn / 2;
      const y = Math.min(lastRow, Math.max(0, lastRow / 2 + cosine * dy - sine * dx));
      const x = Math.min(lastColumn, Math.max(0, lastColumn / 2 + sine * dy + cosine * dx));
      const top = Math.max(0, Math.min(lastRow - 1, y | 0));
      const left = Math.max(0, Math.min(lastColumn - 1, x | 0));
      const v = y - top;
      const u = x - left;
      const pixel = source.start + channels * (width * top + left);
      for (let c = pixel; c < pixel + channels; c++) {
        const above = from[c]! + u * (from[c + right]! - from[c]!);
        const below = c + down;
        const under = from[below]! + u * (from[below + right]! - from[below]!);
        to[position++] = above + v * (under - above) + 0.5;
      }
    }
  }
}
