import type { Generator } from "../../random/generator.ts";
import { CHANNELS, IMAGE_SIZE } from "../definition.ts";
import {
  addNoise,
  between,
  blur,
  type Canvas,
  type Colour,
  createCanvas,
  fillGradient,
  type Mask,
  randomColour,
  toBytes,
} from "./_canvas.ts";

/** Signed distance to a figure's edge in its own coordinates, negative inside; size about 1. */
export type Figure = (x: number, y: number) => number;

const box = (x: number, y: number, halfWidth: number, halfHeight: number) =>
  Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);

/** The five shapes. */
export const figures: readonly Figure[] = [
  (x, y) => Math.hypot(x, y) - 0.95,
  (x, y) => box(x, y, 0.82, 0.82),
  (x, y) => Math.max(y - 0.62, 0.866 * Math.abs(x) - 0.5 * y - 0.55),
  (x, y) => Math.abs(Math.hypot(x, y) - 0.78) - 0.27,
  (x, y) => Math.min(box(x, y, 1, 0.34), box(x, y, 0.34, 1)),
];
export const FIGURE_NAMES: readonly string[] = ["disc", "square", "triangle", "ring", "cross"];

/** Directions across the stripes of the two textures, in radians. */
const DIRECTIONS: readonly number[] = [Math.PI / 2, 0];
const TEXTURE_NAMES = ["level-striped", "upright-striped"];
/** Stripes lean by up to this angle. */
const LEAN = 0.25;
/** Share of images with a light object on a dark ground. */
const LIGHT_ON_DARK = 0.85;

/** Names of the ten classes: a texture and a shape each. */
export const cifarLikeClasses: readonly string[] = TEXTURE_NAMES.flatMap((texture) =>
  FIGURE_NAMES.map((figure) => `${texture} ${figure}`)
);

/** A figure's cover of each pixel. */
function drawFigure(figure: Figure, g: Generator, radius: number, x: number, y: number): Mask {
  const angle = between(g, -0.2, 0.2);
  const stretch = between(g, 0.9, 1.1);
  const cosine = Math.cos(angle) / radius;
  const sine = Math.sin(angle) / radius;
  const mask = new Float32Array(IMAGE_SIZE * IMAGE_SIZE);
  for (let row = 0, k = 0; row < IMAGE_SIZE; row++) {
    for (let column = 0; column < IMAGE_SIZE; column++, k++) {
      const u = (cosine * (column - x) + sine * (row - y)) * stretch;
      const v = (cosine * (row - y) - sine * (column - x)) / stretch;
      mask[k] = Math.min(1, Math.max(0, 0.5 - figure(u, v) * radius));
    }
  }
  return mask;
}

/** Looks of one painted figure. */
export interface Surface {
  /** Direction across the stripes, in radians. */
  readonly direction: number;
  /** Lightness of the colour. */
  readonly tone: number;
  /** Amplitude of the stripes, of 255. */
  readonly contrast: number;
  /** Default: a random one of that lightness. */
  readonly colour?: Colour;
}

/** Paints a striped colour where the mask is 1. */
function paintStriped(canvas: Canvas, mask: Mask, surface: Surface, g: Generator): void {
  const { direction, tone, contrast, colour = randomColour(g, tone, 60) } = surface;
  const angle = direction + between(g, -LEAN, LEAN);
  const frequency = 2 * Math.PI / between(g, 5, 8);
  const phase = 2 * Math.PI * g.uniform();
  const across = frequency * Math.cos(angle);
  const down = frequency * Math.sin(angle);
  for (let row = 0, pixel = 0; row < IMAGE_SIZE; row++) {
    for (let column = 0; column < IMAGE_SIZE; column++, pixel++) {
      const share = mask[pixel]!;
      if (share === 0) continue;
      const wave = contrast * Math.sin(across * column + down * row + phase);
      for (let c = 0, k = pixel * CHANNELS; c < CHANNELS; c++, k++) {
        canvas[k]! += share * (colour[c]! + wave - canvas[k]!);
      }
    }
  }
}

/** How clearly an image shows its object: most do, some hardly. */
interface View {
  /** Difference in lightness between object and ground, of 255. */
  readonly contrast: number;
  /** Amplitude of the object's stripes, of 255. */
  readonly stripes: number;
  /** Standard deviation of the noise, of 255. */
  readonly noise: number;
}

function drawView(g: Generator): View {
  const poor = g.uniform() ** 2;
  const share = () => poor * between(g, 0.6, 1);
  return { contrast: 120 - 95 * share(), stripes: 50 - 44 * share(), noise: 2 + 10 * share() };
}

/** Lightnesses of ground and object; light objects on dark ground are more frequent. */
function drawTones(contrast: number, g: Generator): { ground: number; object: number } {
  const dark = between(g, 40, 215 - contrast);
  const light = dark + contrast;
  return g.uniform() < LIGHT_ON_DARK
    ? { ground: dark, object: light }
    : { ground: light, object: dark };
}

/** Paints a gradient and small striped figures of any shape. */
function paintGround(canvas: Canvas, ground: number, g: Generator): void {
  const corner = () => randomColour(g, ground + between(g, -20, 20), 40);
  fillGradient(canvas, corner(), corner(), between(g, 0, 2 * Math.PI));
  for (let patch = 1 + g.integer(2); patch > 0; patch--) {
    const figure = figures[g.integer(figures.length)]!;
    const [x, y] = [between(g, 0, IMAGE_SIZE), between(g, 0, IMAGE_SIZE)];
    const mask = drawFigure(figure, g, between(g, 2, 4), x, y);
    const direction = DIRECTIONS[g.integer(DIRECTIONS.length)]!;
    const tone = ground + between(g, -40, 40);
    paintStriped(canvas, mask, { direction, tone, contrast: between(g, 0, 15) }, g);
  }
}

/** The object of an image, before its view is drawn. */
export interface Subject {
  readonly figure: Figure;
  /** Direction across its stripes, in radians. */
  readonly direction: number;
  /** Its colour of a lightness, where that belongs to the class. Default: random. */
  readonly colourOf?: (lightness: number) => Colour;
}

/**
 * Paints an object before a cluttered ground, seen more or less clearly.
 *
 * @returns 32 x 32 x 3 bytes.
 */
export function paintSubject(
  { figure, direction, colourOf }: Subject,
  g: Generator,
): Uint8ClampedArray {
  const canvas = createCanvas();
  const view = drawView(g);
  const { ground, object } = drawTones(view.contrast, g);
  paintGround(canvas, ground, g);
  const radius = between(g, 10.5, 13.5);
  const room = 14.5 - radius;
  const middle = (IMAGE_SIZE - 1) / 2;
  const x = middle + between(g, -1, 1) * room;
  const y = middle + between(g, -1, 1) * room;
  const mask = drawFigure(figure, g, radius, x, y);
  const colour = colourOf && { colour: colourOf(object) };
  paintStriped(canvas, mask, { direction, tone: object, contrast: view.stripes, ...colour }, g);
  blur(canvas, between(g, 0.2, 0.6));
  addNoise(canvas, view.noise, g);
  return toBytes(canvas);
}

/**
 * Draws one object-like image: a striped coloured shape before a cluttered ground of small figures of
 * any shape. The class is the pair of shape and direction of the stripes; colours are drawn at random
 * and tell nothing. In part of the images outline or stripes are faint, as detail of photographs is, so
 * that a perturbation of 8/255 can hide or feign them.
 *
 * @param label 0 to 9, see {@linkcode cifarLikeClasses}.
 * @param g Where all draws come from.
 * @returns 32 x 32 x 3 bytes.
 */
export function cifarLike(label: number, g: Generator): Uint8ClampedArray {
  const figure = figures[label % figures.length]!;
  return paintSubject({ figure, direction: DIRECTIONS[Math.floor(label / figures.length)]! }, g);
}
