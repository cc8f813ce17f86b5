import { deflateSync } from "node:zlib";
import { miCOMPRESSED, miINT32, miINT8, miMATRIX, miUINT32, miUINT8 } from "./_mat5_element.ts";

/** An array of bytes as MATLAB holds it: column-major, the first dimension varies fastest. */
export interface Mat5Bytes {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly values: Uint8Array;
}

/** MATLAB's class of uint8 arrays. */
const mxUINT8_CLASS = 9;
const HEADER_BYTES = 128;

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, k) => view.setUint32(4 * k, value, true));
  return bytes;
}

/** Tag, data, and padding to a multiple of eight bytes. */
function element(type: number, data: Uint8Array): Uint8Array {
  const padding = new Uint8Array((8 - data.length % 8) % 8);
  return concatenate([words(type, data.length), data, padding]);
}

function packedMatrix({ name, dimensions, values }: Mat5Bytes): Uint8Array {
  const body = concatenate([
    element(miUINT32, words(mxUINT8_CLASS, 0)),
    element(miINT32, words(...dimensions)),
    element(miINT8, new TextEncoder().encode(name)),
    element(miUINT8, values),
  ]);
  const packed = new Uint8Array(deflateSync(element(miMATRIX, body)));
  return concatenate([words(miCOMPRESSED, packed.length), packed]);
}

/**
 * Writes byte arrays as a Level 5 MAT-file, little-endian and zlib-packed, as SVHN's files are.
 *
 * @param arrays Names, dimensions and column-major values.
 * @returns The file's bytes.
 * @throws {RangeError} If an array's dimensions do not fit its values.
 */
export function encodeMat5(arrays: readonly Mat5Bytes[]): Uint8Array {
  for (const { name, dimensions, values } of arrays) {
    const count = dimensions.reduce((product, size) => product * size, 1);
    if (count !== values.length) {
      throw new RangeError(
        `Expected ${name} to hold ${dimensions.join(" x ")} bytes but found ${values.length}`,
      );
    }
  }
  const header = new Uint8Array(HEADER_BYTES).fill(0x20, 0, 116);
  header.set(new TextEncoder().encode("MATLAB 5.0 MAT-file"));
  header.set([0x00, 0x01, 0x49, 0x4d], 124); // version 0x0100 and "IM": little-endian
  return concatenate([header, ...arrays.map(packedMatrix)]);
}
