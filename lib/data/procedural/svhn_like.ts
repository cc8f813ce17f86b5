import type { Generator } from "../../random/generator.ts";
import { IMAGE_SIZE } from "../definition.ts";
import {
  addNoise,
  between,
  blur,
  type Canvas,
  type Colour,
  createCanvas,
  fillGradient,
  paint,
  randomColour,
  toBytes,
} from "./_canvas.ts";
import { printedStyles, type Shape } from "./_digit_shapes.ts";
import { drawStrokes, placement, toPolyline, transformed } from "./_strokes.ts";

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

/** Share of plates with light digits on a dark ground. */
const LIGHT_ON_DARK = 0.7;

/** The view of a plate: most are good, some so poor that the digit can hardly be read. */
interface View {
  /** Difference in lightness between ink and ground, of 255. */
  readonly contrast: number;
  /** Standard deviations of blur (pixels) and noise (of 255). */
  readonly blur: number;
  readonly noise: number;
}

function drawView(g: Generator): View {
  const poor = g.uniform() ** 2;
  const share = () => poor * between(g, 0.6, 1);
  return { contrast: 150 - 125 * share(), blur: 0.3 + 1.5 * share(), noise: 2 + 18 * share() };
}

/** Lightnesses of ground and ink. */
function drawTones(contrast: number, g: Generator): { ground: number; ink: number } {
  const dark = between(g, 15, 240 - contrast);
  const light = dark + contrast;
  return g.uniform() < LIGHT_ON_DARK ? { ground: dark, ink: light } : { ground: light, ink: dark };
}

function drawStyle(ink: Colour, g: Generator): Style {
  const height = between(g, 17, 25);
  return {
    shapes: printedStyles[g.integer(printedStyles.length)]!,
    height,
    width: height * between(g, 0.38, 0.62),
    slant: between(g, -0.08, 0.25),
    angle: between(g, -0.15, 0.15),
    pen: height * between(g, 0.09, 0.2),
    ink,
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
  const view = drawView(g);
  const tones = drawTones(view.contrast, g);
  const ground = randomColour(g, tones.ground, 50);
  fillGradient(canvas, varied(ground, 25, g), varied(ground, 25, g), between(g, 0, 2 * Math.PI));
  const style = drawStyle(randomColour(g, tones.ink, 50), g);
  const middle = (IMAGE_SIZE - 1) / 2;
  const x = middle + between(g, -2.5, 2.5);
  const y = middle + between(g, -2.5, 2.5);
  const advance = style.width + style.pen + between(g, 2, 5);
  for (const side of [-1, 1]) {
    if (g.uniform() < 0.5) {
      const rise = side * advance * Math.tan(style.angle);
      drawDigit(canvas, g.integer(10), x + side * advance, y + rise, style);
    }
  }
  drawDigit(canvas, digit, x, y, style);
  blur(canvas, view.blur);
  addNoise(canvas, view.noise, g);
  return toBytes(canvas);
}
