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

/** Height and width in pixels. */
type Size = readonly [height: number, width: number];

/** The size to which an image is scaled so that it just covers another, its proportions kept. */
function coveringSize([height, width]: Size, [toHeight, toWidth]: Size): Size {
  // The whole numbers are compared, not quotients, so that no rounding decides.
  return toHeight * width >= toWidth * height
    ? [toHeight, Math.max(toWidth, Math.floor(toHeight * width / height))]
    : [Math.max(toHeight, Math.floor(toWidth * height / width)), toWidth];
}

/**
 * Scales an image so that it just covers the new size, and cuts out the centre: for a square, its
 * shorter side becomes the square's. Bilinear with half-pixel centres, without smoothing beforehand;
 * sizes and offsets are those of torchvision's `Resize(size, antialias=False)` and `CenterCrop(size)`.
 *
 * @param pixels height * width * channels bytes, row-major.
 * @param from Height and width of the image, >= 1.
 * @param to Height and width of the result, >= 1.
 * @returns Bytes of the result, with as many channels.
 * @throws {RangeError} If `pixels` holds no whole image.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * // Two rows of four grey pixels: the two columns in the middle are kept.
 * const image = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
 * assertEquals([...coverCentre(image, [2, 4], [2, 2])], [2, 3, 6, 7]);
 * ```
 */
export function coverCentre(pixels: Uint8Array, from: Size, to: Size): Uint8Array {
  [...from, ...to].forEach((side) => requireInteger("side", side, { min: 1 }));
  const [height, width] = from;
  const channels = pixels.length / (height * width);
  if (!Number.isInteger(channels) || channels === 0) {
    throw new RangeError(
      `Expected pixels to hold ${height} x ${width} pixels but found ${pixels.length} bytes`,
    );
  }
  const scaled = coveringSize(from, to);
  const axis = (k: 0 | 1) => {
    const start = roundHalfEven((scaled[k] - to[k]) / 2);
    return taps(from[k], scaled[k]).slice(start, start + to[k]);
  };
  const [rows, columns] = [axis(0), axis(1)];
  const out = new Uint8Array(to[0] * to[1] * channels);
  let position = 0;
  for (const row of rows) {
    const top = row.low * width * channels;
    const bottom = row.high * width * channels;
    for (const column of columns) {
      const left = column.low * channels;
      const right = column.high * channels;
      for (let c = 0; c < channels; c++) {
        const mix = (line: number) =>
          pixels[line + left + c]! * (1 - column.weight) +
          pixels[line + right + c]! * column.weight;
        out[position++] = roundHalfEven(mix(top) * (1 - row.weight) + mix(bottom) * row.weight);
      }
    }
  }
  return out;
}
