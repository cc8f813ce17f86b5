/** Lines and curves of a pen: smoothing, moving and drawing them. */
import { IMAGE_SIZE } from "../definition.ts";
import type { Mask } from "./_canvas.ts";

/** x to the right, y down. */
export type Point = readonly [x: number, y: number];

/** What the pen does between putting down and lifting. */
export interface Stroke {
  readonly points: readonly Point[];
  /** `true`: a smooth curve through the points; `false`: straight lines. */
  readonly smooth: boolean;
}

/** A map of the plane, (x, y) -> (a x + b y + e, c x + d y + f). */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** Steps between two points of a smooth curve. */
const CURVE_STEPS = 4;

/** A point of the Catmull-Rom spline between p1 and p2 (Catmull and Rom 1974), t in [0, 1]. */
function spline(p0: Point, p1: Point, p2: Point, p3: Point, t: number): Point {
  const along = (k: 0 | 1) =>
    0.5 * (2 * p1[k] + t * (p2[k] - p0[k] +
          t * (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k] +
              t * (3 * p1[k] - p0[k] - 3 * p2[k] + p3[k]))));
  return [along(0), along(1)];
}

/** The stroke as a chain of short straight lines. */
export function toPolyline({ points, smooth }: Stroke): readonly Point[] {
  if (!smooth || points.length < 3) return points;
  const chain: Point[] = [points[0]!];
  for (let k = 0; k + 1 < points.length; k++) {
    const before = points[Math.max(0, k - 1)]!;
    const after = points[Math.min(points.length - 1, k + 2)]!;
    for (let step = 1; step <= CURVE_STEPS; step++) {
      chain.push(spline(before, points[k]!, points[k + 1]!, after, step / CURVE_STEPS));
    }
  }
  return chain;
}

/** Applies a map to a point. */
export function transformed([x, y]: Point, { a, b, c, d, e, f }: Affine): Point {
  return [a * x + b * y + e, c * x + d * y + f];
}

/** Scale (about the origin), slant, rotation (radians) and shift of a figure, in this order. */
export function placement(options: {
  readonly width: number;
  readonly height: number;
  /** How far the top leans to the right, as a share of the height. */
  readonly slant: number;
  readonly angle: number;
  /** Where the middle of the unit square goes. */
  readonly centre: Point;
}): Affine {
  const { width, height, slant, angle, centre } = options;
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const a = cosine * width;
  const b = -cosine * slant * height - sine * height;
  const c = sine * width;
  const d = -sine * slant * height + cosine * height;
  return { a, b, c, d, e: centre[0] - (a + b) / 2, f: centre[1] - (c + d) / 2 };
}

/** Squared distance from a pixel's centre to the segment from (ax, ay) along (dx, dy). */
function squaredDistance(x: number, y: number, dx: number, dy: number, squared: number): number {
  const t = squared === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / squared));
  const rx = x - t * dx;
  const ry = y - t * dy;
  return rx * rx + ry * ry;
}

/** Lowers the distances around one segment. */
function addSegment(distances: Float32Array, from: Point, to: Point, reach: number): void {
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const squared = dx * dx + dy * dy;
  const last = IMAGE_SIZE - 1;
  const top = Math.max(0, Math.floor(Math.min(from[1], to[1]) - reach));
  const bottom = Math.min(last, Math.ceil(Math.max(from[1], to[1]) + reach));
  const left = Math.max(0, Math.floor(Math.min(from[0], to[0]) - reach));
  const right = Math.min(last, Math.ceil(Math.max(from[0], to[0]) + reach));
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const pixel = row * IMAGE_SIZE + column;
      const distance = squaredDistance(column - from[0], row - from[1], dx, dy, squared);
      if (distance < distances[pixel]!) distances[pixel] = distance;
    }
  }
}

/**
 * Draws chains of straight lines with a round pen.
 *
 * @param chains In pixels, (0, 0) the centre of the top left pixel.
 * @param width Of the pen, in pixels.
 * @returns Share of each pixel that is covered, with edges one pixel wide.
 */
export function drawStrokes(chains: readonly (readonly Point[])[], width: number): Mask {
  const reach = width / 2 + 0.5;
  const distances = new Float32Array(IMAGE_SIZE * IMAGE_SIZE).fill(reach * reach);
  for (const chain of chains) {
    for (let k = 0; k + 1 < chain.length; k++) {
      addSegment(distances, chain[k]!, chain[k + 1]!, reach);
    }
  }
  return distances.map((distance) => Math.min(1, reach - Math.sqrt(distance)));
}
