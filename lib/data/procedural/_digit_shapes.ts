/**
 * Skeletons of the ten digits in the unit square, drawn for this project: several ways in which a hand
 * writes each, and the plainer shapes of printed numbers.
 */
import type { Point, Stroke } from "./_strokes.ts";

/** The strokes of one way to draw a digit. */
export type Shape = readonly Stroke[];

const curve = (...points: Point[]): Stroke => ({ points, smooth: true });
const lines = (...points: Point[]): Stroke => ({ points, smooth: false });

const ring: Stroke = curve(
  [0.5, 0],
  [0.12, 0.18],
  [0.03, 0.5],
  [0.15, 0.86],
  [0.5, 1],
  [0.86, 0.84],
  [0.97, 0.5],
  [0.86, 0.15],
  [0.5, 0],
);
const belly5 = curve([0.17, 0.46], [0.5, 0.36], [0.88, 0.5], [0.9, 0.8], [0.5, 1], [0.08, 0.9]);
const loop6 = curve(
  [0.76, 0.02],
  [0.4, 0.2],
  [0.12, 0.55],
  [0.13, 0.83],
  [0.46, 1],
  [0.82, 0.88],
  [0.84, 0.64],
  [0.52, 0.5],
  [0.15, 0.68],
);
const LOOP9: readonly Point[] = [
  [0.84, 0.28],
  [0.52, 0.5],
  [0.17, 0.37],
  [0.16, 0.14],
  [0.5, 0],
  [0.82, 0.1],
  [0.85, 0.3],
];

/** Ways in which a hand writes each digit. */
export const handShapes: readonly (readonly Shape[])[] = [
  [
    [ring],
    [curve([0.62, 0.03], [0.2, 0.1], [0.04, 0.5], [0.2, 0.92], [0.6, 0.98], [0.95, 0.6], [
      0.85,
      0.2,
    ], [0.45, 0.08])],
  ],
  [
    [lines([0.5, 0], [0.5, 1])],
    [lines([0.2, 0.24], [0.55, 0], [0.55, 1])],
    [lines([0.2, 0.24], [0.52, 0], [0.52, 1]), lines([0.15, 1], [0.88, 1])],
  ],
  [
    [
      curve([0.08, 0.24], [0.4, 0], [0.82, 0.14], [0.8, 0.42], [0.42, 0.74], [0.04, 1]),
      lines([0.04, 1], [0.96, 0.98]),
    ],
    [curve(
      [0.08, 0.24],
      [0.4, 0],
      [0.84, 0.16],
      [0.76, 0.5],
      [0.32, 0.9],
      [0.1, 0.94],
      [0.16, 0.78],
      [0.46, 0.86],
      [0.95, 1],
    )],
  ],
  [
    [
      curve([0.08, 0.12], [0.45, 0], [0.84, 0.16], [0.74, 0.4], [0.36, 0.48]),
      curve([0.36, 0.48], [0.8, 0.56], [0.92, 0.8], [0.54, 1], [0.06, 0.9]),
    ],
    [
      lines([0.1, 0.02], [0.86, 0.02], [0.42, 0.4]),
      curve([0.42, 0.4], [0.84, 0.5], [0.92, 0.78], [0.54, 1], [0.06, 0.9]),
    ],
  ],
  [
    [lines([0.7, 1], [0.7, 0], [0.04, 0.66], [0.96, 0.66])],
    [
      curve([0.2, 0], [0.1, 0.3], [0.1, 0.52]),
      lines([0.1, 0.55], [0.92, 0.5]),
      lines(
        [0.78, 0.08],
        [0.7, 1],
      ),
    ],
  ],
  [
    [lines([0.88, 0.02], [0.24, 0.02], [0.17, 0.46]), belly5],
    [curve([0.86, 0.06], [0.5, 0.02], [0.24, 0.06]), lines([0.24, 0.04], [0.17, 0.46]), belly5],
  ],
  [
    [loop6],
    [curve(
      [0.34, 0],
      [0.16, 0.4],
      [0.12, 0.8],
      [0.45, 1],
      [0.84, 0.86],
      [0.8, 0.62],
      [0.45, 0.58],
      [0.14, 0.76],
    )],
  ],
  [
    [lines([0.05, 0.03], [0.95, 0.03], [0.4, 1])],
    [
      lines([0.05, 0.05], [0.92, 0.02]),
      curve([0.92, 0.02], [0.6, 0.45], [0.45, 1]),
      lines(
        [0.28, 0.5],
        [0.84, 0.5],
      ),
    ],
  ],
  [
    [curve(
      [0.5, 0.47],
      [0.16, 0.26],
      [0.5, 0],
      [0.84, 0.26],
      [0.5, 0.47],
      [0.1, 0.76],
      [0.5, 1],
      [0.9, 0.76],
      [0.5, 0.47],
    )],
    [curve(
      [0.82, 0.12],
      [0.4, 0],
      [0.16, 0.2],
      [0.52, 0.48],
      [0.88, 0.76],
      [0.52, 1],
      [0.14, 0.8],
      [0.5, 0.46],
      [0.84, 0.1],
    )],
  ],
  [
    [curve(...LOOP9), curve([0.85, 0.3], [0.82, 0.66], [0.6, 1])],
    [curve(...LOOP9), lines([0.85, 0.2], [0.78, 1])],
    [curve(...LOOP9), curve([0.85, 0.3], [0.84, 0.7], [0.55, 1], [0.14, 0.9])],
  ],
];

/** Ends of the seven segments: top, upper left, upper right, middle, lower left, lower right, bottom. */
const segments: readonly Stroke[] = [
  lines([0.05, 0], [0.95, 0]),
  lines([0, 0.03], [0, 0.47]),
  lines([1, 0.03], [1, 0.47]),
  lines([0.05, 0.5], [0.95, 0.5]),
  lines([0, 0.53], [0, 0.97]),
  lines([1, 0.53], [1, 0.97]),
  lines([0.05, 1], [0.95, 1]),
];
const LIT_SEGMENTS = [
  "012456",
  "25",
  "02346",
  "02356",
  "1235",
  "01356",
  "013456",
  "025",
  "0123456",
  "012356",
];
const sevenSegment: readonly Shape[] = LIT_SEGMENTS.map((lit) =>
  [...lit].map((k) => segments[Number(k)]!)
);

/** Straight lines with cut corners, as on stencils and painted numbers. */
const octagonal: readonly Shape[] = [
  [lines([0.3, 0], [0.7, 0], [1, 0.2], [1, 0.8], [0.7, 1], [0.3, 1], [0, 0.8], [0, 0.2], [0.3, 0])],
  [lines([0.25, 0.2], [0.55, 0], [0.55, 1])],
  [lines([0, 0.22], [0.25, 0], [0.75, 0], [1, 0.2], [1, 0.4], [0, 1], [1, 1])],
  [
    lines([0, 0.15], [0.25, 0], [0.75, 0], [0.95, 0.16], [0.95, 0.36], [0.75, 0.48], [0.35, 0.48]),
    lines([0.75, 0.48], [1, 0.62], [1, 0.84], [0.75, 1], [0.25, 1], [0, 0.85]),
  ],
  [lines([0.75, 1], [0.75, 0], [0, 0.7], [1, 0.7])],
  [lines(
    [0.95, 0],
    [0.1, 0],
    [0.05, 0.45],
    [0.72, 0.4],
    [1, 0.55],
    [1, 0.83],
    [0.72, 1],
    [0.25, 1],
    [
      0,
      0.86,
    ],
  )],
  [lines(
    [0.9, 0.1],
    [0.7, 0],
    [0.3, 0],
    [0, 0.22],
    [0, 0.8],
    [0.28, 1],
    [0.72, 1],
    [1, 0.82],
    [
      1,
      0.62,
    ],
    [0.72, 0.46],
    [0.28, 0.46],
    [0, 0.6],
  )],
  [lines([0, 0], [1, 0], [0.4, 1])],
  [
    lines(
      [0.28, 0.48],
      [0.05, 0.34],
      [0.05, 0.15],
      [0.28, 0],
      [0.72, 0],
      [0.95, 0.15],
      [
        0.95,
        0.34,
      ],
      [0.72, 0.48],
      [0.28, 0.48],
    ),
    lines([0.28, 0.48], [0, 0.64], [0, 0.84], [0.28, 1], [0.72, 1], [1, 0.84], [1, 0.64], [
      0.72,
      0.48,
    ]),
  ],
  [lines(
    [0.1, 0.9],
    [0.3, 1],
    [0.7, 1],
    [1, 0.78],
    [1, 0.2],
    [0.72, 0],
    [0.28, 0],
    [0, 0.18],
    [
      0,
      0.38,
    ],
    [0.28, 0.54],
    [0.72, 0.54],
    [1, 0.4],
  )],
];

/** The first, plainest hand shape of each digit, as a sans-serif number looks. */
const sans: readonly Shape[] = handShapes.map((shapes, digit) => shapes[digit === 1 ? 1 : 0]!);

/** Adds a short level line at each open end of a stroke. */
function withSerifs(shape: Shape): Shape {
  const ends = shape.flatMap(({ points }) => [points[0]!, points.at(-1)!]);
  const isOpen = ([x, y]: Point) =>
    ends.filter(([u, v]) => Math.abs(u - x) + Math.abs(v - y) < 0.1).length === 1;
  return [
    ...shape,
    ...ends.filter(isOpen).map(([x, y]) => lines([x - 0.16, y], [x + 0.16, y])),
  ];
}

/** The printed styles; each holds one shape per digit. */
export const printedStyles: readonly (readonly Shape[])[] = [
  sans,
  sans.map(withSerifs),
  octagonal,
  sevenSegment,
];
