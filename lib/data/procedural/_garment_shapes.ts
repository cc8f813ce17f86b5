/** Outlines of ten garments in the unit square, drawn for this project in Fashion-MNIST's order. */
import type { Point, Stroke } from "./_strokes.ts";

/** How a garment is drawn. */
export interface Garment {
  /** Polygons that are filled. */
  readonly solids: readonly (readonly Point[])[];
  /** Lines of the garment's own colour: straps and handles. */
  readonly straps?: readonly Stroke[];
  /** Lines of the ground's colour: openings and gaps. */
  readonly seams?: readonly Stroke[];
}

const lines = (...points: Point[]): Stroke => ({ points, smooth: false });
const curve = (...points: Point[]): Stroke => ({ points, smooth: true });

/** A polygon that is its own mirror image, from its left half, top to bottom. */
function symmetric(...left: Point[]): Point[] {
  return [...left, ...left.toReversed().map(([x, y]): Point => [1 - x, y])];
}

/** A top with sleeves down to `cuff`, and a hem at `hem`. */
function top(cuff: number, hem: number): Point[] {
  return symmetric(
    [0.4, 0.04],
    [0.27, 0.06],
    [0.12, 0.2],
    [0.0, cuff],
    [0.14, cuff + 0.03],
    [0.27, 0.32],
    [0.26, hem],
  );
}

const shoe: readonly Point[] = [
  [0, 0.72],
  [0.02, 0.45],
  [0.2, 0.42],
  [0.42, 0.52],
  [0.75, 0.6],
  [0.98, 0.68],
  [1, 0.78],
  [0, 0.78],
];

/** Each garment. */
export const garments: readonly Garment[] = [
  // T-shirt/top
  { solids: [top(0.36, 0.94)] },
  // Trouser
  {
    solids: [
      symmetric([0.5, 0.02], [0.3, 0.02], [0.26, 0.98], [0.45, 0.98], [0.49, 0.3]),
    ],
  },
  // Pullover
  { solids: [top(0.84, 0.92)] },
  // Dress
  {
    solids: [
      symmetric([0.42, 0.1], [0.37, 0.0], [0.33, 0.02], [0.34, 0.22], [0.39, 0.42], [0.2, 0.98]),
    ],
  },
  // Coat
  { solids: [top(0.8, 1)], seams: [lines([0.5, 0], [0.5, 1]), lines([0.33, 0.64], [0.42, 0.64])] },
  // Sandal
  {
    solids: [[[0, 0.66], [0.3, 0.72], [1, 0.74], [1, 0.8], [0, 0.8]]],
    straps: [
      curve([0.55, 0.74], [0.72, 0.52], [0.92, 0.74]),
      curve([0.03, 0.66], [0.12, 0.36], [
        0.36,
        0.7,
      ]),
    ],
  },
  // Shirt
  {
    solids: [top(0.78, 0.94)],
    seams: [
      lines([0.38, 0.02], [0.5, 0.22], [0.62, 0.02]),
      ...[0.38, 0.54, 0.7].map((y) => lines([0.47, y], [0.53, y])),
    ],
  },
  // Sneaker
  { solids: [shoe], seams: [lines([0, 0.7], [1, 0.71])] },
  // Bag
  {
    solids: [[[0.05, 0.36], [0.95, 0.36], [1, 0.95], [0, 0.95]]],
    straps: [curve([0.25, 0.38], [0.3, 0.1], [0.5, 0.03], [0.7, 0.1], [0.75, 0.38])],
  },
  // Ankle boot
  {
    solids: [[[0.05, 0.08], [0.42, 0.08], [0.45, 0.45], [0.98, 0.66], [1, 0.88], [0.32, 0.86], [
      0.3,
      0.92,
    ], [0.04, 0.92]]],
  },
];
