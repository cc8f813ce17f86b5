import type { Generator } from "../../random/generator.ts";
import { kanaShapes } from "./_kana_shapes.ts";
import { penDrawn } from "./mnist_like.ts";

/**
 * Draws one hand-like hiragana, see {@linkcode penDrawn}.
 *
 * @param label 0 to 9, in KMNIST's order: o, ki, su, tsu, na, ha, ma, ya, re, wo.
 * @param g Where all draws come from.
 * @returns 32 x 32 x 3 bytes with three equal channels.
 */
export function kmnistLike(label: number, g: Generator): Uint8ClampedArray {
  return penDrawn(kanaShapes[label]!, g);
}
