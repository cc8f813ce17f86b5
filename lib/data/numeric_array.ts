/** Arrays of numbers as files of NumPy and safetensors hold them. */

/** Numbers in rows, whatever the file's type and order. */
export interface NumericArray {
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** Row-major; integers as float64, exact up to 2^53. */
  readonly values: Float32Array | Float64Array;
  /** "rounded": floats of few digits, so that a row of probabilities sums to 1 only roughly. */
  readonly kind: "integer" | "rounded" | "float";
}

/** How the numbers of a file are written. */
export type NumberType =
  | "bool"
  | `${"int" | "uint"}${8 | 16 | 32 | 64}`
  | "bfloat16"
  | `float${16 | 32 | 64}`;

/** Bytes of one number. */
export function bytesOf(type: NumberType): number {
  return type === "bool" ? 1 : Number(/\d+$/.exec(type)![0]) / 8;
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Readers of the number at a byte. */
const readers: Readonly<
  Record<NumberType, (view: DataView, at: number, little: boolean) => number>
> = {
  bool: (view, at) => view.getUint8(at) === 0 ? 0 : 1,
  int8: (view, at) => view.getInt8(at),
  int16: (view, at, little) => view.getInt16(at, little),
  int32: (view, at, little) => view.getInt32(at, little),
  int64: (view, at, little) => Number(view.getBigInt64(at, little)),
  uint8: (view, at) => view.getUint8(at),
  uint16: (view, at, little) => view.getUint16(at, little),
  uint32: (view, at, little) => view.getUint32(at, little),
  uint64: (view, at, little) => Number(view.getBigUint64(at, little)),
  float16: (view, at, little) => view.getFloat16(at, little),
  bfloat16: (view, at, little) => upperHalf(view.getUint16(at, little)),
  float32: (view, at, little) => view.getFloat32(at, little),
  float64: (view, at, little) => view.getFloat64(at, little),
};

const scratch = new DataView(new ArrayBuffer(4));

/** The float32 whose upper half these 16 bits are: a bfloat16. */
function upperHalf(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/**
 * Decodes numbers that lie one behind the other.
 *
 * @param bytes As many as the numbers take.
 * @param little Whether the lowest byte comes first.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([...decodeNumbers(Uint8Array.of(1, 2), "uint16", true)], [513]);
 * assertEquals([...decodeNumbers(Uint8Array.of(0x3f, 0xc0), "bfloat16", false)], [1.5]);
 * ```
 */
export function decodeNumbers(
  bytes: Uint8Array,
  type: NumberType,
  little: boolean,
): Float32Array | Float64Array {
  const [size, read] = [bytesOf(type), readers[type]];
  const wide = type === "float64" || !type.includes("float");
  const values = new (wide ? Float64Array : Float32Array)(bytes.length / size);
  if (little === littleEndian && (type === "float32" || type === "float64")) {
    new Uint8Array(values.buffer).set(bytes); // a copy: the bytes may be unaligned
    return values;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let k = 0; k < values.length; k++) values[k] = read(view, k * size, little);
  return values;
}

/** Which kind an array of this type is. */
export function kindOf(type: NumberType): NumericArray["kind"] {
  if (!type.includes("float")) return "integer";
  return type === "float16" || type === "bfloat16" ? "rounded" : "float";
}
