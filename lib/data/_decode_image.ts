/** PNG, JPEG and WebP files as pixels. */
import type { Sharp } from "./_sharp.d.ts";

/** How a file is packed. */
export type ImageFormat = "png" | "jpeg" | "webp";

/** An image of its own size. */
export interface DecodedImage {
  readonly format: ImageFormat;
  /** Upright: the orientation that the camera noted has been applied. */
  readonly height: number;
  readonly width: number;
  /** height * width * 3 bytes: red, green, blue. */
  readonly pixels: Uint8Array;
}

/** A file is taken for what its first bytes say, whatever its name. */
function formatOf(bytes: Uint8Array): ImageFormat | undefined {
  const text = (start: number, end: number) => String.fromCharCode(...bytes.subarray(start, end));
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") return "png";
  if (text(0, 3) === "\xff\xd8\xff") return "jpeg";
  if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") return "webp";
  return undefined;
}

/** Other formats, by their first bytes, for a sentence that helps. */
const FOREIGN: readonly (readonly [start: string, name: string])[] = [
  ["GIF8", "a GIF"],
  ["BM", "a BMP"],
  ["II*\0", "a TIFF"],
  ["MM\0*", "a TIFF"],
  ["%PDF", "a PDF"],
  ["<svg", "an SVG"],
  ["<?xml", "an SVG or another XML text"],
  ["version https://git-lfs", "a Git LFS pointer, whose image is not fetched yet (git lfs pull)"],
];

function foreignName(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  const start = String.fromCharCode(...bytes.subarray(0, 24));
  if (/^ftyp(hei|mif|avi)/.test(start.slice(4))) return "a HEIC or AVIF";
  return FOREIGN.find(([text]) => start.startsWith(text))?.[1] ?? "something else";
}

/** A product of two bytes as shares of 255, rounded. */
function productOfShares(a: number, b: number): number {
  return Math.round(a * b / 255);
}

/** Ink to light, without a colour profile: what is not absorbed by a colour's ink and by black. */
function cmykToRgb(ink: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(ink.length / 4 * 3);
  for (let from = 0, to = 0; from < ink.length; from += 4) {
    for (let c = 0; c < 3; c++) {
      rgb[to++] = productOfShares(255 - ink[from + c]!, 255 - ink[from + 3]!);
    }
  }
  return rgb;
}

/** Lays pixels with alpha over white. */
function overWhite(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(rgba.length / 4 * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3]!;
    for (let c = 0; c < 3; c++) {
      rgb[to++] = Math.round((rgba[from + c]! * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return rgb;
}

/** The reason of a decoder's error, in one line. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().replaceAll(/\s*\n\s*/g, "; ");
}

async function decoded(image: Sharp, isInk: boolean): Promise<Omit<DecodedImage, "format">> {
  const upright = image.autoOrient();
  const coloured = isInk
    ? upright.pipelineColourspace("cmyk").toColourspace("cmyk")
    : upright.toColourspace("srgb");
  const { data, info } = await coloured.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (isInk) return { width, height, pixels: cmykToRgb(data) };
  return { width, height, pixels: channels === 4 ? overWhite(data) : new Uint8Array(data) };
}

/**
 * Decodes an image file as torchvision's loaders do, alpha aside: colour profiles are ignored, 16 bits
 * give their upper 8, grey is repeated, CMYK becomes light by (1 - ink) (1 - black), the first picture
 * of an animation is taken. Alpha is laid over white, and the orientation in the EXIF data is applied.
 *
 * @param bytes The whole file.
 * @returns Its pixels.
 * @throws {Error} Saying what is wrong with it; the caller adds the file's name.
 */
export async function decodeImage(bytes: Uint8Array): Promise<DecodedImage> {
  const format = formatOf(bytes);
  if (format === undefined) {
    throw new Error(`it is ${foreignName(bytes)}, not PNG, JPEG or WebP`);
  }
  const { sharp } = await import("./_sharp.ts");
  try {
    const image = sharp(bytes, { failOn: "error", ignoreIcc: true });
    const { space } = await image.metadata();
    return { format, ...await decoded(image, space === "cmyk") };
  } catch (error) {
    throw new Error(`it is damaged (${reasonOf(error)})`, { cause: error });
  }
}
