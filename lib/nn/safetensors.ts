/**
 * The safetensors file format: 8 bytes of header length (little endian), a JSON header with each
 * tensor's dtype, shape and byte range, then the bytes.
 * Source: the format's description in the huggingface/safetensors repository.
 */

import { createHash } from "node:crypto";

/** A float32 tensor outside TensorFlow, row-major. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a safetensors file holds. */
export interface SafetensorsContent {
  readonly tensors: Map<string, StoredTensor>;
  /** Names of tensors with integer types, which hold no weights (PyTorch's num_batches_tracked). */
  readonly integers: Set<string>;
  readonly metadata: Record<string, string>;
  /** All tensors' bytes, as they lie in the file. */
  readonly data: Uint8Array;
}

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/** Our own metadata key: SHA-256 of the header as it is without this key. */
const HEADER_DIGEST = "lab.sha256.header";
/** Longest header that is read, as in the reference implementation: 100 MB. */
const MAX_HEADER_BYTES = 100_000_000;
const BYTES_PER_VALUE: Record<string, number> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4 };

/** Of names, types, shapes, places and metadata, in their order. */
function headerDigest(header: Readonly<Record<string, unknown>>): string {
  return createHash("sha256").update(JSON.stringify(header)).digest("hex");
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Encodes float32 tensors.
 *
 * @param tensors Row-major values by name.
 * @param metadata Gives the strings for the header's `__metadata__` from the tensors' bytes, so that
 * it can hold their digest. A digest of the header itself is added.
 * @returns The file's bytes.
 * @throws {RangeError} If a shape does not fit its values.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: (data: Uint8Array) => Record<string, string>,
): Uint8Array {
  const header: Record<string, unknown> = {};
  let size = 0;
  for (const [name, { shape, values }] of tensors) {
    if (elementCount(shape) !== values.length) {
      throw new RangeError(
        `Expected ${name} to hold ${
          elementCount(shape)
        } values for shape [${shape}] but found ${values.length}`,
      );
    }
    header[name] = { dtype: "F32", shape, data_offsets: [size, size + 4 * values.length] };
    size += 4 * values.length;
  }
  const data = new Uint8Array(size);
  const view = new DataView(data.buffer);
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  let offset = 0;
  for (const { values } of tensors.values()) {
    if (littleEndian) {
      data.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    } else {
      values.forEach((value, k) => view.setFloat32(offset + 4 * k, value, true));
    }
    offset += values.byteLength;
  }
  const strings = metadata(data);
  const digest = headerDigest({ __metadata__: strings, ...header });
  const text = new TextEncoder().encode(
    JSON.stringify({ __metadata__: { ...strings, [HEADER_DIGEST]: digest }, ...header }),
  );
  // The data starts at a multiple of 8, so that readers can map it.
  const padded = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + padded + size).fill(0x20, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(text, 8);
  file.set(data, 8 + padded);
  return file;
}

function readHeader(file: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (file.length < 8) throw new Error(`it is ${file.length} bytes long, too short for a header`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || 8 + length > file.length) {
    throw new Error(`its header claims ${length} bytes but the file has ${file.length}`);
  }
  return { header: parseHeader(file.subarray(8, 8 + length)), data: file.subarray(8 + length) };
}

/**
 * Parses the JSON header of a safetensors file and checks its digest, where it has one.
 *
 * @param bytes What follows the file's first eight bytes, as long as these say.
 * @returns Tensors' entries and `__metadata__`, without the digest.
 * @throws {Error} Saying what is wrong; the caller adds the file's name.
 */
export function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Error("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw new Error("its header is not a JSON object");
  }
  return undigested(header as Record<string, unknown>);
}

/** The header without its digest, which must be right where there is one. */
function undigested(header: Record<string, unknown>): Record<string, unknown> {
  const metadata = header.__metadata__ as Record<string, unknown> | null | undefined;
  if (metadata === undefined || typeof metadata !== "object" || metadata === null) return header;
  const { [HEADER_DIGEST]: digest, ...strings } = metadata;
  const rest = { ...header, __metadata__: strings };
  if (digest !== undefined && digest !== headerDigest(rest)) {
    throw new Error("its header does not match its SHA-256; the file is damaged");
  }
  return rest;
}

function checkedEntry(name: string, value: unknown, dataLength: number): Entry {
  const entry = value as Partial<Entry> | null;
  const numbers = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((item) => Number.isSafeInteger(item) && item >= 0);
  if (
    typeof entry?.dtype !== "string" || !numbers(entry.shape) || !numbers(entry.data_offsets) ||
    entry.data_offsets.length !== 2
  ) {
    throw new Error(`the header entry of ${name} is malformed`);
  }
  const bytesPerValue = BYTES_PER_VALUE[entry.dtype];
  if (bytesPerValue === undefined) {
    throw new Error(`${name} has the unsupported type ${entry.dtype}`);
  }
  const [begin, end] = entry.data_offsets;
  if (begin > end || end > dataLength) {
    throw new Error(
      `the bytes of ${name} (${begin} to ${end}) lie outside the file; it is truncated`,
    );
  }
  if (end - begin !== elementCount(entry.shape) * bytesPerValue) {
    throw new Error(
      `${name} has ${end - begin} bytes, which do not fit its shape [${entry.shape}]`,
    );
  }
  return entry as Entry;
}

/** IEEE 754 half precision to a number. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function decodeValues(dtype: string, bytes: Uint8Array, count: number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype === "F32") {
    return new Float32Array(bytes.slice().buffer); // a copy: the bytes may be unaligned
  }
  const bfloat = new DataView(new ArrayBuffer(4));
  const read: Record<string, (k: number) => number> = {
    F64: (k) => view.getFloat64(8 * k, true),
    F16: (k) => halfToNumber(view.getUint16(2 * k, true)),
    BF16: (k) => {
      bfloat.setUint32(0, view.getUint16(2 * k, true) << 16);
      return bfloat.getFloat32(0);
    },
  };
  return Float32Array.from({ length: count }, (_, k) => read[dtype]!(k));
}

/**
 * Decodes a safetensors file; sizes are checked before anything is allocated, and so is the header's
 * digest where there is one.
 *
 * @param file The whole file. F32, F64, F16 and BF16 become float32; integer tensors are only named.
 * @throws {Error} Saying what is wrong; the caller adds the file's name.
 * @example
 * ```ts
 * import { assertEquals } from "../../tests/assert.ts";
 * const tensor = { shape: [2], values: Float32Array.of(1, 2) };
 * const file = encodeSafetensors(new Map([["a", tensor]]), () => ({ note: "hi" }));
 * const { tensors, metadata } = decodeSafetensors(file);
 * assertEquals([tensors.get("a"), metadata.note], [tensor, "hi"]);
 * ```
 */
export function decodeSafetensors(file: Uint8Array): SafetensorsContent {
  const { header, data } = readHeader(file);
  const tensors = new Map<string, StoredTensor>();
  const integers = new Set<string>();
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") {
      for (const [key, text] of Object.entries(value ?? {})) metadata[key] = String(text);
      continue;
    }
    const { dtype, shape, data_offsets: [begin, end] } = checkedEntry(name, value, data.length);
    if (dtype.startsWith("I")) {
      integers.add(name);
      continue;
    }
    tensors.set(name, {
      shape,
      values: decodeValues(dtype, data.subarray(begin, end), elementCount(shape)),
    });
  }
  return { tensors, integers, metadata, data };
}
