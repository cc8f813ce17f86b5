import { Buffer } from "node:buffer";
// @ts-types="../../lib/plots/_resvg.d.ts"
import { Resvg } from "@resvg/resvg-js";

/** A decoded picture. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** height x width x 4, RGBA. */
  readonly pixels: Uint8Array;
}

/** Decodes PNG bytes by the renderer's own decoder, independent of the encoder under test. */
export function decodePng(png: Uint8Array): Picture {
  const view = new DataView(png.buffer, png.byteOffset);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const uri = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<image width="${width}" height="${height}" image-rendering="optimizeSpeed" href="${uri}"/></svg>`;
  return { width, height, pixels: new Uint8Array(new Resvg(svg).render().pixels) };
}
