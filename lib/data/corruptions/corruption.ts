/** What a corruption is, and the sizes that CIFAR-10-C's constants are made for. */
import type { Generator } from "../../random/generator.ts";
import { CHANNELS, IMAGE_SIZE } from "../definition.ts";

export { CHANNELS };
/** Height and width of an image. */
export const SIDE = IMAGE_SIZE;
/** Pixels of an image. */
export const AREA = SIDE * SIDE;

/** How strong a corruption is. */
export type Severity = 1 | 2 | 3 | 4 | 5;

/** Values of one image from 0 to 1, height x width x channels. */
export type Pixels = Float64Array;

/**
 * Corrupts an image, which it leaves unchanged. What leaves [0, 1] is clipped by the caller.
 *
 * @param draws All randomness; the deterministic kinds leave it alone.
 */
export type Corruption = (image: Pixels, severity: Severity, draws: Generator) => Pixels;

/** One constant for each severity. */
type Constants = readonly [unknown, unknown, unknown, unknown, unknown];

/** The constant of a severity. */
export function constantOf<const T extends Constants>(severity: Severity, constants: T): T[number] {
  return constants[severity - 1]!;
}

/** A map of one number a pixel, e.g. a layer of snow. */
export function layerOf(draw: () => number): Float64Array {
  return Float64Array.from({ length: AREA }, draw);
}

/** The byte that a value in [0, 1] is stored as: cut off, as NumPy's `uint8(255 * value)`. */
export function truncatedByte(value: number): number {
  // The slack lets b / 255 return to b, whatever the rounding of the division.
  return Math.floor(255 * Math.min(1, Math.max(0, value)) + 1e-9);
}
