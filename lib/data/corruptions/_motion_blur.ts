import { nearest } from "./_border.ts";
import { sumNeighbours } from "./_convolve.ts";

/** A trail of weights along a direction. */
export interface Motion {
  /** The trail is 2 * radius + 1 steps of a pixel long. */
  readonly radius: number;
  /** Deviation of the half Gaussian along it, in pixels. */
  readonly sigma: number;
  /** Degrees, clockwise from the right. */
  readonly degrees: number;
}

/**
 * Smears each pixel's surroundings into it along one direction, as ImageMagick's `MotionBlurImage`:
 * weights exp(-k^2 / 2 sigma^2) for k from 0, each at the nearest whole pixel, edges repeated, and the
 * result rounded to bytes.
 *
 * @param values Values from 0 to 1 that are whole bytes, b / 255.
 */
export function motionBlur(values: Float64Array, { radius, sigma, degrees }: Motion): Float64Array {
  const angle = degrees * Math.PI / 180;
  const trail = Array.from({ length: 2 * radius + 1 }, (_, k) => ({
    weight: Math.exp(-k * k / (2 * sigma * sigma)),
    right: Math.ceil(k * Math.cos(angle) - 0.5),
    down: Math.ceil(k * Math.sin(angle) - 0.5),
  }));
  const total = trail.reduce((sum, { weight }) => sum + weight, 0);
  return sumNeighbours(values, trail, nearest).map((sum) => Math.round(255 * sum / total) / 255);
}
