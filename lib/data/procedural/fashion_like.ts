import type { Generator } from "../../random/generator.ts";
import { CHANNELS, IMAGE_SIZE } from "../definition.ts";
import { addNoise, between, blur, createCanvas, type Mask, paint, toBytes } from "./_canvas.ts";
import { garments } from "./_garment_shapes.ts";
import { drawStrokes, placement, type Point, toPolyline, transformed } from "./_strokes.ts";

/** Spread of each corner, as a share of the garment's size. */
const WOBBLE = 0.02;
/** Below this grey the grain fades. */
const FAINT = 40;
/** Lines of samples in a row of pixels. */
const LINES = 3;

/** Where a level line crosses a polygon's outline, from left to right. */
function crossings(y: number, polygon: readonly Point[]): number[] {
  const found: number[] = [];
  for (let k = 0, before = polygon.length - 1; k < polygon.length; before = k++) {
    const [ax, ay] = polygon[k]!;
    const [bx, by] = polygon[before]!;
    if (ay > y !== by > y) found.push((bx - ax) * (y - ay) / (by - ay) + ax);
  }
  return found.sort((a, b) => a - b);
}

/** The share of each pixel that a polygon covers; (0, 0) is the centre of the top left pixel. */
function fillPolygon(polygon: readonly Point[]): Mask {
  const mask = new Float32Array(IMAGE_SIZE * IMAGE_SIZE);
  for (let line = 0; line < IMAGE_SIZE * LINES; line++) {
    const row = Math.floor(line / LINES);
    const edges = crossings((line + 0.5) / LINES - 0.5, polygon);
    for (let k = 0; k + 1 < edges.length; k += 2) {
      // In units of columns, from the left edge of the first pixel.
      const [left, right] = [
        Math.max(0, edges[k]! + 0.5),
        Math.min(IMAGE_SIZE, edges[k + 1]! + 0.5),
      ];
      for (let column = Math.floor(left); column < right; column++) {
        const covered = Math.min(right, column + 1) - Math.max(left, column);
        mask[row * IMAGE_SIZE + column]! += covered / LINES;
      }
    }
  }
  return mask;
}

/**
 * Draws one garment on black: its silhouette in one grey, with openings and straps where it has any;
 * size, place, proportions, side, grey and the wobble of its outline are drawn at random.
 *
 * @param label 0 to 9, Fashion-MNIST's classes.
 * @param g Where all draws come from.
 * @returns 32 x 32 x 3 bytes with three equal channels.
 */
export function fashionLike(label: number, g: Generator): Uint8ClampedArray {
  const { solids, straps = [], seams = [] } = garments[label]!;
  const height = between(g, 15, 28);
  const width = height * between(g, 0.7, 1.05);
  const room = (IMAGE_SIZE - 1 - height) / 2;
  const middle = (IMAGE_SIZE - 1) / 2;
  const place = placement({
    width: g.uniform() < 0.5 ? width : -width,
    height,
    slant: between(g, -0.08, 0.08),
    angle: between(g, -0.15, 0.15),
    centre: [middle + between(g, -1, 1) * room, middle + between(g, -1, 1) * room],
  });
  const moved = ([x, y]: Point): Point =>
    transformed([x + WOBBLE * g.normal(), y + WOBBLE * g.normal()], place);
  const canvas = createCanvas();
  const tone = between(g, 70, 250);
  const grey = [tone, tone, tone] as const;
  for (const solid of solids) paint(canvas, fillPolygon(solid.map(moved)), grey);
  const pen = (width: number, strokes: typeof straps) =>
    drawStrokes(strokes.map((one) => toPolyline({ ...one, points: one.points.map(moved) })), width);
  if (straps.length > 0) paint(canvas, pen(between(g, 1.6, 2.8), straps), grey);
  if (seams.length > 0) paint(canvas, pen(between(g, 1, 1.6), seams), [0, 0, 0]);
  blur(canvas, between(g, 0.2, 0.6));
  const before = canvas.slice();
  addNoise(canvas, between(g, 2, 12), g);
  // Cloth has a grain, the ground has none; grey stays grey.
  for (let k = 0; k < canvas.length; k += CHANNELS) {
    const ink = before[k]!;
    const value = ink + (canvas[k]! - ink) * Math.min(1, ink / FAINT);
    canvas.fill(value, k, k + CHANNELS);
  }
  return toBytes(canvas);
}
