import type { Generator } from "../../random/generator.ts";
import { IMAGE_SIZE } from "../dataset.ts";
import {
  addNoise,
  between,
  blur,
  type Canvas,
  type Colour,
  createCanvas,
  fillGradient,
  lightness,
  paint,
  randomColour,
  toBytes,
} from "./canvas.ts";
import { printedStyles, type Shape } from "./digit_shapes.ts";
import { drawStrokes, placement, toPolyline, transformed } from "./strokes.ts";

/** What the digits of one plate have in common. */
interface Style {
  readonly shapes: readonly Shape[];
  readonly height: number;
  readonly width: number;
  readonly slant: number;
  readonly angle: number;
  readonly pen: number;
  readonly ink: Colour;
}

/** Least difference in lightness between ink and ground, of 255. */
const LEAST_CONTRAST = 45;

/** A colour that stands out from the ground. */
function inkFor(ground: Colour, g: Generator): Colour {
  for (;;) {
    const ink = randomColour(g);
    if (Math.abs(lightness(ink) - lightness(ground)) >= LEAST_CONTRAST) return ink;
  }
}

function drawStyle(ground: Colour, g: Generator): Style {
  const height = between(g, 15, 25);
  return {
    shapes: printedStyles[g.integer(printedStyles.length)]!,
    height,
    width: height * between(g, 0.38, 0.62),
    slant: between(g, -0.08, 0.25),
    angle: between(g, -0.15, 0.15),
    pen: height * between(g, 0.09, 0.2),
    ink: inkFor(ground, g),
  };
}

/** Draws one digit with its middle at (x, y). */
function drawDigit(canvas: Canvas, digit: number, x: number, y: number, style: Style): void {
  const place = placement({ ...style, centre: [x, y] });
  const chains = style.shapes[digit]!.map((stroke) =>
    toPolyline(stroke).map((point) => transformed(point, place))
  );
  paint(canvas, drawStrokes(chains, style.pen), style.ink);
}

/** Shifts a colour's channels by up to `range`. */
function varied([red, green, blue]: Colour, range: number, g: Generator): Colour {
  const step = () => between(g, -range, range);
  return [red + step(), green + step(), blue + step()];
}

/**
 * Draws one street-like digit: a printed number in one of four styles, in colours drawn at random (light
 * on dark or dark on light), on a gradient, with parts of neighbouring digits at the sides, blurred,
 * noisy and of varying contrast. The label is that of the digit in the middle.
 *
 * @param digit 0 to 9.
 * @param g Where all draws come from.
 * @returns 32 x 32 x 3 bytes.
 */
export function svhnLike(digit: number, g: Generator): Uint8ClampedArray {
  const canvas = createCanvas();
  const ground = randomColour(g, 20, 235);
  fillGradient(canvas, varied(ground, 30, g), varied(ground, 30, g), between(g, 0, 2 * Math.PI));
  const style = drawStyle(ground, g);
  const middle = (IMAGE_SIZE - 1) / 2;
  const x = middle + between(g, -2.5, 2.5);
  const y = middle + between(g, -2.5, 2.5);
  const advance = style.width + style.pen + between(g, 1.5, 5);
  for (const side of [-1, 1]) {
    if (g.uniform() < 0.6) {
      const rise = side * advance * Math.tan(style.angle);
      drawDigit(canvas, g.integer(10), x + side * advance, y + rise, style);
    }
  }
  drawDigit(canvas, digit, x, y, style);
  blur(canvas, between(g, 0.3, 1.3));
  addNoise(canvas, between(g, 2, 12), g);
  return toBytes(canvas);
}
