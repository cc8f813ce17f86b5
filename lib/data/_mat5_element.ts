/**
 * Elements of MATLAB's Level 5 MAT-files: tags, numeric types, packed elements.
 * Source: MathWorks, "MAT-File Format" (R2024a), "Level 5 MAT-File Format".
 */
import type { ByteSource } from "./_byte_source.ts";

/** The data types that a file of numbers uses. */
export const miMATRIX = 14;
export const miCOMPRESSED = 15;
export const miINT8 = 1;
export const miUINT8 = 2;
export const miINT32 = 5;
export const miUINT32 = 6;

/** Bytes and reader of each numeric data type. */
const numericTypes: Readonly<
  Record<number, readonly [bytes: number, get: (v: DataView, at: number, le: boolean) => number]>
> = {
  1: [1, (v, at) => v.getInt8(at)],
  2: [1, (v, at) => v.getUint8(at)],
  3: [2, (v, at, le) => v.getInt16(at, le)],
  4: [2, (v, at, le) => v.getUint16(at, le)],
  5: [4, (v, at, le) => v.getInt32(at, le)],
  6: [4, (v, at, le) => v.getUint32(at, le)],
  7: [4, (v, at, le) => v.getFloat32(at, le)],
  9: [8, (v, at, le) => v.getFloat64(at, le)],
  12: [8, (v, at, le) => Number(v.getBigInt64(at, le))],
  13: [8, (v, at, le) => Number(v.getBigUint64(at, le))],
};

/** An element's tag; of a small element also its data, which lie inside the tag. */
export interface Tag {
  readonly type: number;
  readonly bytes: number;
  readonly small: Uint8Array | undefined;
}

/** A stream of elements with the byte order of its file. */
export interface ElementStream {
  readonly source: ByteSource;
  readonly littleEndian: boolean;
}

/** Reads the next tag, in the normal (8 bytes) or the small format (data in the last 4 bytes). */
export async function readTag({ source, littleEndian }: ElementStream): Promise<Tag> {
  const raw = await source.read(8, "an element's tag");
  const view = new DataView(raw.buffer);
  const first = view.getUint32(0, littleEndian);
  const smallBytes = first >>> 16;
  if (smallBytes === 0) {
    return { type: first, bytes: view.getUint32(4, littleEndian), small: undefined };
  }
  if (smallBytes > 4) {
    throw source.damaged(
      `a small element claims ${smallBytes} bytes instead of 1 to 4`,
      source.position - 8,
    );
  }
  return { type: first & 0xffff, bytes: smallBytes, small: raw.subarray(4, 4 + smallBytes) };
}

/** Bytes of padding after an element's data: to a multiple of 8 in the normal format. */
export function paddingOf({ small, bytes }: Tag): number {
  return small ? 0 : (8 - bytes % 8) % 8;
}

/**
 * Reads a whole numeric element.
 *
 * @param count Number of values that it must hold: checked before allocation.
 * @param what Names the element in errors.
 */
export async function readNumbers(
  stream: ElementStream,
  what: string,
  count: { readonly min: number; readonly max: number },
): Promise<number[]> {
  const { source, littleEndian } = stream;
  const at = source.position;
  const tag = await readTag(stream);
  const numeric = numericTypes[tag.type];
  if (numeric === undefined) {
    throw source.damaged(`${what} has the data type ${tag.type}, which is no number`, at);
  }
  const [size, get] = numeric;
  const found = tag.bytes / size;
  if (!Number.isInteger(found) || found < count.min || found > count.max) {
    const wanted = count.min === count.max ? `${count.min}` : `${count.min} to ${count.max}`;
    throw source.damaged(`${what} holds ${found} values instead of ${wanted}`, at);
  }
  const data = tag.small ?? await source.read(tag.bytes, what);
  await source.read(paddingOf(tag), `the padding of ${what}`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: found }, (_, k) => get(view, k * size, littleEndian));
}
