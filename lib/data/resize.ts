import { requireInteger } from "../arguments/require.ts";

/** Where one output row or column takes its value from. */
interface Tap {
  readonly low: number;
  readonly high: number;
  /** Weight of `high`. */
  readonly weight: number;
}

/** Half-pixel centres: source = (k + 0.5) * from / to - 0.5, clamped to the image. */
function taps(from: number, to: number): Tap[] {
  return Array.from({ length: to }, (_, k) => {
    const source = Math.max(0, (k + 0.5) * from / to - 0.5);
    const low = Math.min(Math.floor(source), from - 1);
    return { low, high: Math.min(low + 1, from - 1), weight: source - low };
  });
}

/** Rounds half to even, as PyTorch and NumPy do. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return fraction < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * Resizes square grey images bilinearly with half-pixel centres; equal to PyTorch's
 * `interpolate(mode="bilinear", align_corners=False)` followed by rounding.
 *
 * @param images N * from * from bytes, row-major.
 * @param from Side of the given images, >= 1.
 * @param to Side of the new images, >= 1.
 * @returns N * to * to bytes.
 * @throws {RangeError} If a side is no positive integer or `images` holds no whole images.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const resized = resizeBilinear(Uint8Array.of(0, 100, 0, 100), 2, 4);
 * assertEquals([...resized.subarray(0, 4)], [0, 25, 75, 100]);
 * ```
 */
export function resizeBilinear(images: Uint8Array, from: number, to: number): Uint8Array {
  requireInteger("from", from, { min: 1 });
  requireInteger("to", to, { min: 1 });
  const count = images.length / (from * from);
  if (!Number.isInteger(count)) {
    throw new RangeError(
      `Expected images to hold a multiple of ${from} x ${from} bytes but found ${images.length}`,
    );
  }
  const axis = taps(from, to);
  const out = new Uint8Array(count * to * to);
  let position = 0;
  for (let start = 0; start < images.length; start += from * from) {
    for (const row of axis) {
      const top = start + row.low * from;
      const bottom = start + row.high * from;
      for (const { low, high, weight } of axis) {
        const above = images[top + low]! * (1 - weight) + images[top + high]! * weight;
        const below = images[bottom + low]! * (1 - weight) + images[bottom + high]! * weight;
        out[position++] = roundHalfEven(above * (1 - row.weight) + below * row.weight);
      }
    }
  }
  return out;
}
