import { nearest } from "./_border.ts";
import { SIDE } from "./corruption.ts";

/** How a blur treats what lies outside. */
export interface GaussianBlurOptions {
  /** Default: the nearest pixel, as scikit-image's `gaussian`. */
  readonly border?: (k: number, length: number) => number;
  /** Deviations at which the kernel ends. Default 4. */
  readonly truncate?: number;
}

/** exp(-k^2 / 2 sigma^2) for |k| <= truncate * sigma + 0.5, of sum 1; a lone 1 for sigma 0. */
function gaussianKernel(sigma: number, truncate: number): number[] {
  const radius = Math.floor(truncate * sigma + 0.5);
  const weights = Array.from(
    { length: 2 * radius + 1 },
    (_, k) => k === radius ? 1 : Math.exp(-0.5 * ((k - radius) / sigma) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Blurs each channel along columns, then rows, with scipy's `gaussian_filter`'s kernel. */
export function gaussianBlur(
  values: Float64Array,
  sigma: number,
  { border = nearest, truncate = 4 }: GaussianBlurOptions = {},
): Float64Array {
  const kernel = gaussianKernel(sigma, truncate);
  const radius = (kernel.length - 1) / 2;
  const channels = values.length / (SIDE * SIDE);
  let from = values;
  for (const step of [SIDE * channels, channels]) {
    const blurred = new Float64Array(values.length);
    for (let at = 0; at < values.length; at++) {
      const place = Math.floor(at / step) % SIDE;
      const start = at - place * step;
      for (let k = -radius; k <= radius; k++) {
        blurred[at]! += kernel[k + radius]! * from[start + border(place + k, SIDE) * step]!;
      }
    }
    from = blurred;
  }
  return from;
}
