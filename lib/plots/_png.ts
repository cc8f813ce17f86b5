import { Buffer } from "node:buffer";
import { zlibSync } from "fflate";

/** Types of pixels in a PNG. */
export const PIXEL_TYPE = { grey: 0, rgb: 2, indexed: 3 } as const;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

type PngShape = readonly [height: number, width: number, channels: number];

/** CRC-32 as PNG wants it (ISO 3309, reflected polynomial EDB88320). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** One chunk of a PNG: length, type, data and checksum. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

/** A PNG before it is packed. */
export interface PngContent {
  readonly width: number;
  readonly height: number;
  readonly type: (typeof PIXEL_TYPE)[keyof typeof PIXEL_TYPE];
  /** One byte a channel, row-major. */
  readonly pixels: Uint8Array;
  /** Of indexed pixels: red, green and blue of each index. */
  readonly palette?: Uint8Array;
}

/**
 * Packs 8-bit pixels as a PNG.
 *
 * @param content The picture.
 * @param deflate Compresses to the zlib format.
 */
export function packPng(
  { width, height, type, pixels, palette }: PngContent,
  deflate: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  // 8 bits a channel, then default compression, filter, no interlace
  header.set([8, type], 8);
  const stride = pixels.length / height;
  const rows = new Uint8Array((stride + 1) * height); // each row starts with its filter: 0, none
  for (let row = 0; row < height; row++) {
    rows.set(pixels.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
  }
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    ...(palette === undefined ? [] : [chunk("PLTE", palette)]),
    chunk("IDAT", deflate(rows)),
    chunk("IEND", new Uint8Array(0)),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

/**
 * Encodes 8-bit grey or RGB pixels as PNG. The picture renderer draws only vector graphics, so the
 * small images of a grid have to be encoded here.
 *
 * @param pixels height x width x channels, row-major; 1 channel is grey, 3 are RGB.
 */
export function encodePng(pixels: Uint8Array, [height, width, channels]: PngShape): Uint8Array {
  const type = channels === 1 ? PIXEL_TYPE.grey : PIXEL_TYPE.rgb;
  return packPng(
    { width, height, type, pixels: pixels.subarray(0, height * width * channels) },
    (bytes) => zlibSync(bytes, { level: 9 }),
  );
}

/** The PNG as a `data:` URI. */
export function pngDataUri(pixels: Uint8Array, shape: PngShape): string {
  return `data:image/png;base64,${Buffer.from(encodePng(pixels, shape)).toString("base64")}`;
}
