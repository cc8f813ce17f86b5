/**
 * The safetensors file format: 8 bytes of header length (little endian), a JSON header with each
 * tensor's dtype, shape and byte range, then the bytes.
 * Source: the format's description in the huggingface/safetensors repository.
 */
import {
  checkedEntries,
  elementCount,
  HEADER_DIGEST,
  headerDigest,
  splitFile,
} from "./safetensors_header.ts";

/** A float tensor outside TensorFlow, row-major. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** How it is written: "F16" rounds each value to half precision. Default "F32". */
  readonly dtype?: "F32" | "F16";
}

/** What a safetensors file holds. */
export interface SafetensorsContent {
  readonly tensors: Map<string, StoredTensor>;
  /** Names of tensors with integer types, which hold no weights (PyTorch's num_batches_tracked). */
  readonly integers: Set<string>;
  readonly metadata: Record<string, string>;
  /** All tensors' bytes, as they lie in the file. */
  readonly data: Uint8Array;
  /** The byte of the file where they begin. */
  readonly dataStart: number;
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of values, little endian. */
function encodeValues(values: Float32Array, dtype: "F32" | "F16"): Uint8Array {
  if (dtype === "F32" && littleEndian) {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
  const size = dtype === "F32" ? 4 : 2;
  const view = new DataView(new ArrayBuffer(size * values.length));
  values.forEach((value, k) => {
    if (dtype === "F32") view.setFloat32(4 * k, value, true);
    else view.setFloat16(2 * k, value, true);
  });
  return new Uint8Array(view.buffer);
}

/**
 * Encodes tensors as float32 or, where they say so, as float16.
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
  const encoded: Uint8Array[] = [];
  for (const [name, { shape, values, dtype = "F32" }] of tensors) {
    if (elementCount(shape) !== values.length) {
      throw new RangeError(
        `Expected ${name} to hold ${
          elementCount(shape)
        } values for shape [${shape}] but found ${values.length}`,
      );
    }
    const bytes = encodeValues(values, dtype);
    header[name] = { dtype, shape, data_offsets: [size, size + bytes.length] };
    size += bytes.length;
    encoded.push(bytes);
  }
  const data = new Uint8Array(size);
  let offset = 0;
  for (const bytes of encoded) {
    data.set(bytes, offset);
    offset += bytes.length;
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

function decodeValues(dtype: string, bytes: Uint8Array, count: number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype === "F32") {
    return new Float32Array(bytes.slice().buffer); // a copy: the bytes may be unaligned
  }
  const bfloat = new DataView(new ArrayBuffer(4));
  const read: Record<string, (k: number) => number> = {
    F64: (k) => view.getFloat64(8 * k, true),
    F16: (k) => view.getFloat16(2 * k, true),
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
 * @throws {SafetensorsError} Saying what is wrong and where; the caller adds the file's name.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const tensor = { shape: [2], values: Float32Array.of(1, 2) };
 * const file = encodeSafetensors(new Map([["a", tensor]]), () => ({ note: "hi" }));
 * const { tensors, metadata } = decodeSafetensors(file);
 * assertEquals([tensors.get("a"), metadata.note], [tensor, "hi"]);
 * ```
 */
export function decodeSafetensors(file: Uint8Array): SafetensorsContent {
  const { header: { __metadata__, ...named }, data, dataStart } = splitFile(file);
  const entries = checkedEntries(named, data.length, dataStart);
  const tensors = new Map<string, StoredTensor>();
  const integers = new Set<string>();
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of entries) {
    if (dtype.startsWith("I")) {
      integers.add(name);
      continue;
    }
    tensors.set(name, {
      shape,
      values: decodeValues(dtype, data.subarray(begin, end), elementCount(shape)),
    });
  }
  const metadata = (__metadata__ ?? {}) as Record<string, string>;
  return { tensors, integers, metadata, data, dataStart };
}
