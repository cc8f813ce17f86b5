/**
 * What a JPEG file of quality q keeps of an image (ITU-T T.81; 4:2:0, as Pillow and libjpeg write it).
 * Entropy coding loses nothing, so no file is made.
 */
import { nearest } from "./_border.ts";
import { CHANNELS, type Pixels, SIDE } from "./corruption.ts";

/** T.81, table K.1: divisors of the luma's frequencies at quality 50. */
// deno-fmt-ignore
const LUMA = [
  16, 11, 10, 16, 24, 40, 51, 61,
  12, 12, 14, 19, 26, 58, 60, 55,
  14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77,
  24, 35, 55, 64, 81, 104, 113, 92,
  49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
/** T.81, table K.2: the chroma's; where the rows end, 99. */
const CHROMA_CORNER = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56], [47, 66]];
const CHROMA = Array.from({ length: 64 }, (_, k) => CHROMA_CORNER[k >> 3]?.[k & 7] ?? 99);

/** libjpeg's divisors for a quality from 1 to 100. */
function scaledTable(table: readonly number[], quality: number): number[] {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return table.map((entry) => Math.min(255, Math.max(1, Math.floor((entry * percent + 50) / 100))));
}

/** The cosine transform of 8 values as a matrix, orthogonal: row u holds the frequency u. */
const COSINES = Array.from({ length: 64 }, (_, k) => {
  const [u, x] = [k >> 3, k & 7];
  return (u === 0 ? Math.SQRT1_2 : 1) / 2 * Math.cos((2 * x + 1) * u * Math.PI / 16);
});

/** C b C^T of an 8 x 8 block, or C^T b C, its inverse. */
function transformed(block: Float64Array, isInverse: boolean): Float64Array {
  const cosine = (u: number, x: number) => COSINES[isInverse ? x * 8 + u : u * 8 + x]!;
  let from = block;
  for (let axis = 0; axis < 2; axis++) {
    // Transforms the columns and transposes; twice, both axes are done and the block is upright.
    const to = new Float64Array(64);
    for (let u = 0; u < 8; u++) {
      for (let column = 0; column < 8; column++) {
        let sum = 0;
        for (let x = 0; x < 8; x++) sum += cosine(u, x) * from[x * 8 + column]!;
        to[column * 8 + u] = sum;
      }
    }
    from = to;
  }
  return from;
}

function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}

/** A plane of bytes after its blocks' frequencies have been rounded to multiples of the divisors. */
function quantized(plane: Float64Array, side: number, divisors: readonly number[]): Float64Array {
  const result = new Float64Array(plane.length);
  for (let top = 0; top < side; top += 8) {
    for (let left = 0; left < side; left += 8) {
      const place = (k: number) => (top + (k >> 3)) * side + left + (k & 7);
      const block = Float64Array.from({ length: 64 }, (_, k) => plane[place(k)]! - 128);
      const kept = transformed(block, false).map((value, k) => {
        // libjpeg has the frequencies in eighths: halves between two steps are common, and go outwards.
        const eighths = Math.round(8 * Math.abs(value));
        return Math.sign(value) * Math.round(eighths / (8 * divisors[k]!)) * divisors[k]!;
      });
      transformed(kept, true).forEach((value, k) => result[place(k)] = toByte(value + 128));
    }
  }
  return result;
}

/** The means of squares of four; halves are rounded down and up in turn, as libjpeg does. */
function halved(plane: Float64Array): Float64Array {
  const side = SIDE / 2;
  return Float64Array.from({ length: side * side }, (_, at) => {
    const corner = 2 * Math.floor(at / side) * SIDE + 2 * (at % side);
    const sum = plane[corner]! + plane[corner + 1]! + plane[corner + SIDE]! +
      plane[corner + SIDE + 1]!;
    return Math.floor((sum + 1 + at % 2) / 4);
  });
}

/** Twice the size: each value is 3/4 the nearest and 1/4 the next, along both axes. */
function doubled(plane: Float64Array): Float64Array {
  const half = SIDE / 2;
  return Float64Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [row, column] = [Math.floor(at / SIDE), at % SIDE];
    const [y, x] = [row >> 1, column >> 1];
    const otherRow = nearest(y + (row % 2 === 0 ? -1 : 1), half);
    const otherColumn = nearest(x + (column % 2 === 0 ? -1 : 1), half);
    const sum = (across: number) =>
      3 * plane[y * half + across]! + plane[otherRow * half + across]!;
    return Math.floor((3 * sum(x) + sum(otherColumn) + (column % 2 === 0 ? 8 : 7)) / 16);
  });
}

/**
 * An image as it is read back from a JPEG file.
 *
 * @param quality libjpeg's, from 1 to 100.
 */
export function throughJpeg(image: Pixels, quality: number): Pixels {
  const planes = [0, 1, 2].map(() => new Float64Array(SIDE * SIDE)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const [red, green, blue] = [0, 1, 2].map((k) => 255 * image[pixel * CHANNELS + k]!) as [
      number,
      number,
      number,
    ];
    // JFIF 1.02: luma by ITU-R BT.601, blue and red less luma.
    planes[0][pixel] = toByte(0.299 * red + 0.587 * green + 0.114 * blue);
    planes[1][pixel] = toByte(128 - 0.168735892 * red - 0.331264108 * green + 0.5 * blue);
    planes[2][pixel] = toByte(128 + 0.5 * red - 0.418687589 * green - 0.081312411 * blue);
  }
  const luma = quantized(planes[0], SIDE, scaledTable(LUMA, quality));
  const chromaTable = scaledTable(CHROMA, quality);
  const [blueness, redness] = [planes[1], planes[2]].map((plane) =>
    doubled(quantized(halved(plane), SIDE / 2, chromaTable))
  ) as [Float64Array, Float64Array];
  return image.map((_, at) => {
    const [pixel, channel] = [Math.floor(at / CHANNELS), at % CHANNELS];
    const [blue, red] = [blueness[pixel]! - 128, redness[pixel]! - 128];
    const added = [1.402 * red, -0.344136286 * blue - 0.714136286 * red, 1.772 * blue][channel]!;
    return toByte(luma[pixel]! + added) / 255;
  });
}
