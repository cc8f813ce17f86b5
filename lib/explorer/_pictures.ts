/** Pictures on canvases: pixels, changes, heat. */

/** Height, width, channels. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Draws colours, one an image point, each in [0, 255]. */
function paint(
  canvas: HTMLCanvasElement,
  [height, width]: ImageShape,
  colour: (point: number) => readonly [number, number, number],
): void {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  for (let point = 0; point < height * width; point++) {
    image.data.set([...colour(point), 255], 4 * point);
  }
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}

/** Draws pixels in [0, 1], grey or in colour. */
export function drawPixels(
  canvas: HTMLCanvasElement,
  pixels: ArrayLike<number>,
  shape: ImageShape,
): void {
  const channels = shape[2];
  paint(canvas, shape, (point) => {
    const at = (channel: number) =>
      255 * pixels[point * channels + (channels === 1 ? 0 : channel)]!;
    return [at(0), at(1), at(2)];
  });
}

/**
 * Draws the difference of two images, grey where there is none, as large as fits.
 *
 * @returns By how much it was magnified; 1 without a difference.
 */
export function drawChange(
  canvas: HTMLCanvasElement,
  { from, to }: { readonly from: ArrayLike<number>; readonly to: ArrayLike<number> },
  shape: ImageShape,
): number {
  let largest = 0;
  for (let k = 0; k < from.length; k++) largest = Math.max(largest, Math.abs(to[k]! - from[k]!));
  const factor = largest === 0 ? 1 : 0.5 / largest;
  const shown = Float32Array.from(to, (value, k) => 0.5 + factor * (value - from[k]!));
  drawPixels(canvas, shown, shape);
  return factor;
}

/** Dark blue over violet and orange to light yellow, of rising lightness. */
const HEAT = [[10, 12, 48], [87, 24, 110], [187, 55, 84], [249, 142, 9], [252, 255, 190]] as const;

function heat(value: number): [number, number, number] {
  const place = Math.min(value, 1) * (HEAT.length - 1);
  const low = Math.min(Math.floor(place), HEAT.length - 2);
  const share = place - low;
  const mix = (k: 0 | 1 | 2) => HEAT[low]![k] * (1 - share) + HEAT[low + 1]![k] * share;
  return [mix(0), mix(1), mix(2)];
}

/** Draws values in [0, 1], one an image point. */
export function drawHeat(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  shape: ImageShape,
): void {
  paint(canvas, shape, (point) => heat(values[point]!));
}

/** Pixels in [0, 1] of anything that can be drawn: its centre square, scaled to the shape. */
export function pixelsOf(
  source: HTMLCanvasElement | ImageBitmap,
  shape: ImageShape,
): Float32Array {
  const [height, width, channels] = shape;
  const side = Math.min(source.width, source.height);
  // In halves: one step from far larger would read single pixels.
  let [current, size] = [square(source, side, Math.min(side, 1024)), Math.min(side, 1024)];
  while (size > 2 * Math.max(height, width)) {
    size = Math.ceil(size / 2);
    current = square(current, current.width, size);
  }
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingQuality = "high";
  context.drawImage(current, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return Float32Array.from({ length: height * width * channels }, (_, k) => {
    const point = 4 * Math.floor(k / channels);
    if (channels === 1) {
      return (data[point]! + data[point + 1]! + data[point + 2]!) / (3 * 255);
    }
    return data[point + k % channels]! / 255;
  });
}

/** The centre square of side `side` of a source, drawn with side `size`; transparent is white. */
function square(source: HTMLCanvasElement | ImageBitmap, side: number, size: number) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size, size);
  context.imageSmoothingQuality = "high";
  const [left, top] = [(source.width - side) / 2, (source.height - side) / 2];
  context.drawImage(source, left, top, side, side, 0, 0, size, size);
  return canvas;
}
