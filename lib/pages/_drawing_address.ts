/** SVG documents in `data:` addresses. */

const ADDRESS = /^data:image\/svg\+xml((?:;[^;,]*)*),(.*)$/is;

/**
 * Returns the SVG document that an address holds.
 *
 * @param address A `data:` address.
 * @returns Its text, or undefined if it is not the address of a drawing or cannot be decoded.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(drawingText(drawingAddress("<svg/>")), "<svg/>");
 * assertEquals(drawingText("data:image/svg+xml;utf8,%3Csvg/>"), "<svg/>");
 * assertEquals(drawingText("data:image/png;base64,AA=="), undefined);
 * ```
 */
export function drawingText(address: string): string | undefined {
  const [, parameters, data] = ADDRESS.exec(address) ?? [];
  if (data === undefined) return undefined;
  try {
    if (!/;base64$/i.test(parameters!)) return decodeURIComponent(data);
    const bytes = Uint8Array.fromBase64(data);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof URIError || error instanceof SyntaxError || error instanceof TypeError) {
      return undefined; // a browser shows no picture for it either
    }
    throw error;
  }
}

/** Returns an address that holds an SVG document. */
export function drawingAddress(svg: string): string {
  return `data:image/svg+xml;base64,${new TextEncoder().encode(svg).toBase64()}`;
}
