import type { Generator } from "../../random/generator.ts";
import { IMAGE_SIZE } from "../definition.ts";
import { between, blur, createCanvas, paint, toBytes } from "./_canvas.ts";
import { handShapes, type Shape } from "./_digit_shapes.ts";
import { drawStrokes, placement, type Point, toPolyline, transformed } from "./_strokes.ts";

/** Spread of each control point, as a share of the digit's size. */
const WOBBLE = 0.045;

/**
 * Draws one character with a pen: light strokes on black, with the shape, wobble, width, slant, size,
 * place and pressure of the pen drawn at random. The place varies more than in MNIST, so that no single
 * pixel tells the character.
 *
 * @param shapes The ways in which a hand writes it.
 * @param g Where all draws come from.
 * @returns 32 x 32 x 3 bytes with three equal channels.
 */
export function penDrawn(shapes: readonly Shape[], g: Generator): Uint8ClampedArray {
  const shape = shapes[g.integer(shapes.length)]!;
  const height = between(g, 14, 22);
  const width = height * between(g, 0.45, 0.8);
  const room = (IMAGE_SIZE - height - 5) / 2;
  const middle = (IMAGE_SIZE - 1) / 2;
  const place = placement({
    width,
    height,
    slant: between(g, -0.1, 0.4),
    angle: between(g, -0.22, 0.22),
    centre: [middle + between(g, -1.2, 1.2) * room, middle + between(g, -1, 1) * room],
  });
  const wobbled = ([x, y]: Point): Point => [x + WOBBLE * g.normal(), y + WOBBLE * g.normal()];
  const chains = shape.map(({ points, smooth }) =>
    toPolyline({ points: points.map(wobbled), smooth }).map((point) => transformed(point, place))
  );
  const canvas = createCanvas();
  const ink = between(g, 150, 255);
  paint(canvas, drawStrokes(chains, between(g, 1.2, 3.6)), [ink, ink, ink]);
  blur(canvas, between(g, 0.2, 0.7));
  return toBytes(canvas);
}

/**
 * Draws one hand-like digit, see {@linkcode penDrawn}.
 *
 * @param digit 0 to 9.
 * @param g Where all draws come from.
 * @returns 32 x 32 x 3 bytes with three equal channels.
 */
export function mnistLike(digit: number, g: Generator): Uint8ClampedArray {
  return penDrawn(handShapes[digit]!, g);
}
