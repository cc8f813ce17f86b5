/** The bytes of a base64 text; not every browser has `Uint8Array.fromBase64`. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64: native } = Uint8Array as { fromBase64?: typeof Uint8Array.fromBase64 };
  if (native !== undefined) return native.call(Uint8Array, text.trim());
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k++) bytes[k] = letters.charCodeAt(k);
  return bytes;
}
