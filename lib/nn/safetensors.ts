/**
 * The safetensors file format: 8 bytes of header length (little endian), a JSON header with each
 * tensor's dtype, shape and byte range, then the bytes.
 * Source: the format's description in the huggingface/safetensors repository.
 */
import {
  checkedEntries,
  elementCount,
  type Entry,
  HEADER_DIGEST,
  headerDigest,
  MAX_HEADER_BYTES,
  splitFile,
} from "./safetensors_header.ts";

/** The entry of a header that is no tensor. */
const METADATA = "__metadata__";

/** A float tensor outside TensorFlow, row-major. */
export interface StoredTensor {
  /** Sizes of the axes; [] for a scalar. */
  readonly shape: readonly number[];
  /** All values, as many as the product of the shape. */
  readonly values: Float32Array;
  /** How it is written: "F16" rounds each value to half precision. Default "F32". */
  readonly dtype?: "F32" | "F16";
}

/** Whole numbers (I32), bytes (U8) or truth values (BOOL: 0 or 1), written as they are. */
export interface StoredIntegers {
  /** Sizes of the axes; [] for a scalar. */
  readonly shape: readonly number[];
  /** All values, as many as the product of the shape. */
  readonly values: Int32Array | Uint8Array;
  readonly dtype: "I32" | "U8" | "BOOL";
}

/** A tensor of a type that holds no weights, as its bytes lie in the file. */
export interface RawTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** What a safetensors file holds. */
export interface SafetensorsContent {
  /** Those of the types F32, F64, F16 and BF16, as float32. */
  readonly tensors: Map<string, StoredTensor>;
  /** Those of all other types, e.g. PyTorch's num_batches_tracked (I64). */
  readonly others: Map<string, RawTensor>;
  readonly metadata: Record<string, string>;
  /** All tensors' bytes, as they lie in the file. */
  readonly data: Uint8Array;
  /** The byte of the file where they begin. */
  readonly dataStart: number;
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of values, little endian. */
function encodeValues({ values, dtype = "F32" }: StoredTensor | StoredIntegers): Uint8Array {
  if (dtype === "BOOL" || dtype === "U8" || (dtype !== "F16" && littleEndian)) {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
  const size = dtype === "F16" ? 2 : 4;
  const view = new DataView(new ArrayBuffer(size * values.length));
  values.forEach((value, k) => {
    if (dtype === "F32") view.setFloat32(4 * k, value, true);
    else if (dtype === "I32") view.setInt32(4 * k, value, true);
    else view.setFloat16(2 * k, value, true);
  });
  return new Uint8Array(view.buffer);
}

/**
 * Requires names that every reader of the format takes: Python's refuses unpaired surrogates, and
 * `__metadata__` is no tensor.
 */
function requireTensorName(name: string): void {
  if (name === METADATA || !name.isWellFormed()) {
    throw new RangeError(
      `Expected the name of a tensor to be well-formed text other than ${METADATA} but found ` +
        JSON.stringify(name),
    );
  }
}

/**
 * Encodes tensors as float32 or, where they say so, in another type.
 *
 * @param tensors Row-major values by name.
 * @param metadata Gives the strings for the header's `__metadata__` from the tensors' bytes, so that
 * it can hold their digest. A digest of the header itself is added.
 * @returns The file's bytes.
 * @throws {RangeError} If a shape does not fit its values.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor | StoredIntegers>,
  metadata: (data: Uint8Array) => Record<string, string>,
): Uint8Array {
  const entries: [name: string, entry: Entry][] = [];
  let size = 0;
  const encoded: Uint8Array[] = [];
  for (const [name, tensor] of tensors) {
    const { shape, values, dtype = "F32" } = tensor;
    requireTensorName(name);
    if (elementCount(shape) !== values.length) {
      throw new RangeError(
        `Expected ${name} to hold ${
          elementCount(shape)
        } values for shape [${shape}] but found ${values.length}`,
      );
    }
    const bytes = encodeValues(tensor);
    entries.push([name, { dtype, shape: [...shape], data_offsets: [size, size + bytes.length] }]);
    size += bytes.length;
    encoded.push(bytes);
  }
  // Unlike an assignment, this takes the name __proto__ as any other.
  const header: Record<string, unknown> = Object.fromEntries(entries);
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
  if (padded > MAX_HEADER_BYTES) {
    throw new RangeError(
      `Expected names, shapes and metadata to take at most ${MAX_HEADER_BYTES} bytes but found ` +
        `${padded}; store less metadata`,
    );
  }
  const file = new Uint8Array(8 + padded + size).fill(0x20, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(text, 8);
  file.set(data, 8 + padded);
  return file;
}

/** The types that hold weights. */
const floatTypes = ["F32", "F64", "F16", "BF16"];

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
 * @param file The whole file. F32, F64, F16 and BF16 become float32; other types stay bytes.
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
  const others = new Map<string, RawTensor>();
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of entries) {
    const bytes = data.subarray(begin, end);
    if (floatTypes.includes(dtype)) {
      tensors.set(name, { shape, values: decodeValues(dtype, bytes, elementCount(shape)) });
    } else others.set(name, { dtype, shape, bytes });
  }
  const metadata = (__metadata__ ?? {}) as Record<string, string>;
  return { tensors, others, metadata, data, dataStart };
}
