import type { Generator } from "../../random/generator.ts";
import type { Colour } from "./_canvas.ts";
import { FIGURE_NAMES, figures, paintSubject } from "./cifar_like.ts";

/** Directions across the stripes, in radians, by the name of the texture. */
const TEXTURES: readonly (readonly [name: string, direction: number])[] = [
  ["level-striped", Math.PI / 2],
  ["rising-striped", Math.PI / 4],
  ["upright-striped", 0],
  ["falling-striped", -Math.PI / 4],
];

/** How far each channel strays from grey, by the name of the colour. */
const COLOURS: readonly (readonly [name: string, shift: Colour])[] = [
  ["grey", [0, 0, 0]],
  ["red", [70, -30, -30]],
  ["yellow", [25, 15, -100]],
  ["green", [-60, 40, -60]],
  ["blue", [-20, -20, 100]],
];

/** Names of the hundred classes: a colour, a texture and a shape each. */
export const cifar100LikeClasses: readonly string[] = COLOURS.flatMap(([colour]) =>
  TEXTURES.flatMap(([texture]) => FIGURE_NAMES.map((figure) => `${colour} ${texture} ${figure}`))
);

/**
 * Draws one object-like image as {@linkcode cifarLike} does, with the colour as part of the class.
 *
 * @param label 0 to 99, see {@linkcode cifar100LikeClasses}.
 * @param g Where all draws come from.
 * @returns 32 x 32 x 3 bytes.
 */
export function cifar100Like(label: number, g: Generator): Uint8ClampedArray {
  const figure = figures[label % figures.length]!;
  const rest = Math.floor(label / figures.length);
  const [, direction] = TEXTURES[rest % TEXTURES.length]!;
  const [, [red, green, blue]] = COLOURS[Math.floor(rest / TEXTURES.length)]!;
  const colourOf = (light: number): Colour => [light + red, light + green, light + blue];
  return paintSubject({ figure, direction, colourOf }, g);
}
