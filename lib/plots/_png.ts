import { Buffer } from "node:buffer";
import { zlibSync } from "fflate";

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

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

/**
 * Encodes 8-bit grey or RGB pixels as PNG. The picture renderer draws only vector graphics, so the
 * small images of a grid have to be encoded here.
 *
 * @param pixels height x width x channels, row-major; 1 channel is grey, 3 are RGB.
 */
export function encodePng(pixels: Uint8Array, [height, width, channels]: PngShape): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  // 8 bits a channel, grey (0) or RGB (2), then default compression, filter, no interlace
  header.set([8, channels === 1 ? 0 : 2], 8);
  const stride = channels * width;
  const rows = new Uint8Array((stride + 1) * height); // each row starts with its filter: 0, none
  for (let row = 0; row < height; row++) {
    rows.set(pixels.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
  }
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", zlibSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

/** The PNG as a `data:` URI. */
export function pngDataUri(pixels: Uint8Array, shape: PngShape): string {
  return `data:image/png;base64,${Buffer.from(encodePng(pixels, shape)).toString("base64")}`;
}
