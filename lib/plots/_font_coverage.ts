/** Which characters a TrueType font has a picture for. */

/** Offset of a table of the font, by its four-letter tag. */
function tableAt(view: DataView, tag: string): number {
  const tables = view.getUint16(4);
  for (let k = 0; k < tables; k++) {
    const record = 12 + 16 * k;
    const found = String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(record + i)));
    if (found === tag) return view.getUint32(record + 8);
  }
  throw new Error(`The font has no table ${tag}`);
}

/** Offset of the mapping of all of Unicode: format 12 (OpenType 1.9, "cmap"). */
function unicodeMapping(view: DataView): number {
  const cmap = tableAt(view, "cmap");
  const subtables = view.getUint16(cmap + 2);
  for (let k = 0; k < subtables; k++) {
    const at = cmap + view.getUint32(cmap + 4 + 8 * k + 4);
    if (view.getUint16(at) === 12) return at;
  }
  throw new Error("The font has no character map of format 12");
}

/**
 * Reads a font's character map.
 *
 * @param font The bytes of a TrueType file.
 * @returns Tells whether the font has a picture for a code point.
 */
export function fontCoverage(font: Uint8Array): (codePoint: number) => boolean {
  const view = new DataView(font.buffer, font.byteOffset, font.byteLength);
  const at = unicodeMapping(view);
  const groups = Array.from({ length: view.getUint32(at + 12) }, (_, k) => ({
    first: view.getUint32(at + 16 + 12 * k),
    last: view.getUint32(at + 20 + 12 * k),
  }));
  return (codePoint) => groups.some(({ first, last }) => first <= codePoint && codePoint <= last);
}
