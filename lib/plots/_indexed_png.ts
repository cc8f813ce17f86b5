/** Small PNGs of drawings: at most 256 colours, chosen by median cut (Heckbert 1982). */
import { deflateSync } from "node:zlib";
import { packPng, PIXEL_TYPE } from "./_png.ts";

const MOST_COLORS = 256;
/** Of these, so many are the picture's most frequent ones as they are: grounds, axes, text, series. */
const KEPT_COLORS = 96;

/** A colour as little-endian RGBA, and how many pixels have it. */
interface Counted {
  readonly color: number;
  readonly count: number;
}

const channel = (color: number, index: number) => (color >>> (8 * index)) & 0xff;

function countColors(pixels: Uint32Array): Counted[] {
  const counts = new Map<number, number>();
  // Drawings have long runs of one colour: each run is counted once.
  for (let start = 0; start < pixels.length;) {
    const color = pixels[start]!;
    let end = start + 1;
    while (end < pixels.length && pixels[end] === color) end++;
    counts.set(color, (counts.get(color) ?? 0) + end - start);
    start = end;
  }
  return [...counts].map(([color, count]) => ({ color, count })).sort((a, b) => b.count - a.count);
}

/** The channel in which colours differ most, and by how much. */
function widest(colors: readonly Counted[]): { index: number; range: number } {
  let best = { index: 0, range: -1 };
  for (let index = 0; index < 3; index++) {
    let [low, high] = [255, 0];
    for (const { color } of colors) {
      low = Math.min(low, channel(color, index));
      high = Math.max(high, channel(color, index));
    }
    if (high - low > best.range) best = { index, range: high - low };
  }
  return best;
}

function halves(colors: Counted[], index: number): [Counted[], Counted[]] {
  colors.sort((a, b) => channel(a.color, index) - channel(b.color, index));
  const total = colors.reduce((sum, { count }) => sum + count, 0);
  let [cut, below] = [0, 0];
  while (cut < colors.length - 1 && below + colors[cut]!.count <= total / 2) {
    below += colors[cut++]!.count;
  }
  cut = Math.max(1, cut);
  return [colors.slice(0, cut), colors.slice(cut)];
}

/** Splits colours into at most `most` groups; the one of the widest range is split first. */
function groups(colors: readonly Counted[], most: number): Counted[][] {
  const boxes = colors.length === 0 ? [] : [{ colors: [...colors], ...widest(colors) }];
  while (boxes.length < most) {
    boxes.sort((a, b) => b.range - a.range);
    const first = boxes[0];
    if (first === undefined || first.range === 0) break;
    boxes.shift();
    for (const part of halves(first.colors, first.index)) {
      boxes.push({ colors: part, ...widest(part) });
    }
  }
  return boxes.map((box) => box.colors);
}

function mean(colors: readonly Counted[], index: number): number {
  let [sum, total] = [0, 0];
  for (const { color, count } of colors) {
    sum += channel(color, index) * count;
    total += count;
  }
  return Math.round(sum / total);
}

/**
 * Encodes an opaque picture as PNG with a palette. With 256 colours or fewer nothing is lost; of more,
 * the most frequent stay as they are and the others are merged.
 *
 * @param rgba width x height x 4 bytes, row-major; transparency is ignored.
 * @param width In pixels.
 */
export function encodeIndexedPng(rgba: Uint8Array, width: number): Uint8Array {
  const pixels = new Uint32Array(rgba.slice().buffer);
  const counted = countColors(pixels);
  const kept = counted.length <= MOST_COLORS ? counted.length : KEPT_COLORS;
  const merged = [
    ...counted.slice(0, kept).map((one) => [one]),
    ...groups(counted.slice(kept), MOST_COLORS - kept),
  ];
  const palette = new Uint8Array(3 * merged.length);
  const positions = new Map<number, number>();
  merged.forEach((colors, position) => {
    for (const { color } of colors) positions.set(color, position);
    palette.set([0, 1, 2].map((index) => mean(colors, index)), 3 * position);
  });
  const indexed = new Uint8Array(pixels.length);
  let [last, position] = [-1, 0];
  for (let k = 0; k < pixels.length; k++) {
    const color = pixels[k]!;
    if (color !== last) [last, position] = [color, positions.get(color)!];
    indexed[k] = position;
  }
  return packPng(
    { width, height: pixels.length / width, type: PIXEL_TYPE.indexed, pixels: indexed, palette },
    (bytes) => deflateSync(bytes, { level: 9 }),
  );
}
