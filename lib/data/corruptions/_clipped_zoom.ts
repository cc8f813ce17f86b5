import { SIDE } from "./corruption.ts";

/** Where an output row or column reads: between `low` and the next, `weight` of the next. */
interface Tap {
  readonly low: number;
  readonly weight: number;
}

/** Rounds half to even, as Python's `round`. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The middle rows or columns of a centre crop that is enlarged, the ends of both aligned. */
function taps(factor: number): Tap[] {
  const crop = Math.ceil(SIDE / factor);
  const enlarged = roundHalfEven(crop * factor);
  const top = Math.floor((SIDE - crop) / 2);
  const trimmed = Math.floor((enlarged - SIDE) / 2);
  return Array.from({ length: SIDE }, (_, k) => {
    const source = Math.min(crop - 1, (k + trimmed) * (crop - 1) / (enlarged - 1));
    const low = Math.min(crop - 2, Math.floor(source));
    return { low: top + low, weight: source - low };
  });
}

/**
 * Enlarges the middle of an image bilinearly so that it fills the image: CIFAR-10-C's `clipped_zoom`,
 * with scipy's `zoom` of order 1.
 *
 * @param factor At least 1.
 */
export function clippedZoom(values: Float64Array, factor: number): Float64Array {
  const channels = values.length / (SIDE * SIDE);
  const axis = taps(factor);
  const zoomed = new Float64Array(values.length);
  let next = 0;
  for (const y of axis) {
    for (const x of axis) {
      const corner = (y.low * SIDE + x.low) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const at = corner + channel;
        const above = (1 - x.weight) * values[at]! + x.weight * values[at + channels]!;
        const below = (1 - x.weight) * values[at + SIDE * channels]! +
          x.weight * values[at + (SIDE + 1) * channels]!;
        zoomed[next++] = (1 - y.weight) * above + y.weight * below;
      }
    }
  }
  return zoomed;
}
