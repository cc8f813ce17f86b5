/**
 * NumPy's file format: the mark "\x93NUMPY", two bytes of version, the header's length (2 bytes, 4
 * from version 2 on), a header in Python's notation with the numbers' type, order and shape, then the
 * numbers.
 * Source: NumPy's documentation of numpy.lib.format.
 */
import { thousands } from "../format/thousands.ts";
import {
  bytesOf,
  decodeNumbers,
  kindOf,
  type NumberType,
  type NumericArray,
} from "./numeric_array.ts";

/** A file that is no array that can be read; who reads it adds the file's name. */
export class NpyError extends Error {
  override name = "NpyError";

  /**
   * @param message What is wrong, and how to save it so that it can be read.
   * @param place Where, e.g. "byte 6".
   */
  constructor(message: string, readonly place: string) {
    super(message);
  }
}

/** What every npy file begins with. */
export const NPY_MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Behind the mark and the version. */
const LENGTH_AT = 8;
/** NumPy itself reads headers of up to 10,000 characters unless told otherwise. */
const LONGEST_HEADER = 65_536;
/** Axes of an array that is read. */
const MOST_AXES = 2;

const TYPES: Readonly<Record<string, NumberType>> = {
  ...{ b1: "bool", i1: "int8", i2: "int16", i4: "int32", i8: "int64" },
  ...{ u1: "uint8", u2: "uint16", u4: "uint32", u8: "uint64" },
  ...{ f2: "float16", f4: "float32", f8: "float64" },
};

/** What to say of types that hold no numbers of a kind that can be read. */
function refusedType(code: string): string {
  if (code.startsWith("O")) {
    return "it holds Python objects as a pickle, which is not read, because reading a pickle may run " +
      "a program; save numbers, e.g. numpy.save(file, numpy.asarray(x, dtype=numpy.float32))";
  }
  const kinds: Readonly<Record<string, string>> = {
    c: "complex numbers",
    U: "text",
    S: "text",
    M: "dates",
    m: "time spans",
    V: "records or raw bytes",
    f: "floats of another size",
  };
  const kind = kinds[code[0] ?? ""] ?? "something else";
  return `its type ${code} stands for ${kind}; convert it to numbers with x.astype(numpy.float32), ` +
    "or numpy.int64 for labels";
}

interface Header {
  readonly type: NumberType;
  readonly little: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/** One entry of the header's dictionary; undefined if it is not there. */
function entry(header: string, name: string, value: RegExp): string | undefined {
  return new RegExp(`['"]${name}['"]\\s*:\\s*${value.source}`).exec(header)?.[1];
}

function parseHeader(header: string): Header {
  const refuse = (what: string): never => {
    throw new NpyError(`its header ${what}`, `byte ${LENGTH_AT}`);
  };
  const type = entry(header, "descr", /(\[|'[^']*'|"[^"]*")/) ?? refuse("names no type (descr)");
  const order = entry(header, "fortran_order", /(True|False)/) ??
    refuse("does not say in which order the numbers lie (fortran_order)");
  const sizes = entry(header, "shape", /\(([\dL,\s]*)\)/) ?? refuse("names no shape");
  if (type === "[") throw new NpyError(refusedType("V (records)"), `byte ${LENGTH_AT}`);
  const [, endian = "", code = ""] = /^([<>=|]?)(.*)$/.exec(type.slice(1, -1))!;
  const known = Object.hasOwn(TYPES, code) ? TYPES[code] : undefined;
  if (known === undefined) throw new NpyError(refusedType(code), `byte ${LENGTH_AT}`);
  const shape = sizes.split(",").map((size) => size.trim().replace(/L$/, ""))
    .filter((size) => size !== "").map(Number);
  if (!shape.every(Number.isSafeInteger)) refuse(`claims the impossible shape (${sizes})`);
  return { type: known, little: endian !== ">", fortran: order === "True", shape };
}

function splitFile(file: Uint8Array): { header: Header; data: Uint8Array } {
  if (file.length < LENGTH_AT + 2 || NPY_MAGIC.some((byte, k) => file[k] !== byte)) {
    const found = file.length < LENGTH_AT + 2
      ? `it has ${file.length} bytes`
      : "its mark is missing";
    throw new NpyError(`it is no npy file: ${found}`, "byte 0");
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const version = file[6]!;
  if (version < 1 || version > 3) {
    throw new NpyError(`its format has the unknown version ${version}`, "byte 6");
  }
  const wide = version > 1;
  const start = LENGTH_AT + (wide ? 4 : 2);
  const length = file.length < start
    ? Infinity
    : wide
    ? view.getUint32(LENGTH_AT, true)
    : view.getUint16(LENGTH_AT, true);
  if (length > LONGEST_HEADER || start + length > file.length) {
    throw new NpyError(
      `its header claims ${thousands(length)} bytes, of a file of ${thousands(file.length)}`,
      `byte ${LENGTH_AT}`,
    );
  }
  const text = new TextDecoder().decode(file.subarray(start, start + length));
  return { header: parseHeader(text), data: file.subarray(start + length) };
}

/** Numbers that lie column by column, row by row. */
function byRows<T extends Float32Array | Float64Array>(
  values: T,
  rows: number,
  columns: number,
): T {
  const result = values.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[row * columns + column] = values[column * rows + row]!;
    }
  }
  return result;
}

/**
 * Decodes an npy file of at most two axes: integers, truth values or floats of 16, 32 or 64 bits, in
 * C or Fortran order, of either byte order. Sizes are checked before anything is allocated.
 *
 * @param file The whole file.
 * @throws {NpyError} Saying what is wrong and where; the caller adds the file's name.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2), }\n";
 * const bytes = [0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length, 0];
 * const file = Uint8Array.from([...bytes, ...new TextEncoder().encode(header), 1, 2, 3, 4]);
 * const { shape, values } = decodeNpy(file);
 * assertEquals([shape, [...values]], [[2, 2], [1, 3, 2, 4]]);
 * ```
 */
export function decodeNpy(file: Uint8Array): NumericArray {
  const { header: { type, little, fortran, shape }, data } = splitFile(file);
  const dataStart = file.length - data.length;
  const size = shape.reduce((product, one) => product * one, 1) * bytesOf(type);
  if (data.length !== size) {
    const told = `its shape (${shape.join(", ")}) of ${type} takes ${thousands(size)} bytes, and ` +
      `${thousands(data.length)} follow its header: it `;
    throw new NpyError(
      told + (data.length < size ? "is cut short; copy it again" : "holds more than one array"),
      `byte ${Math.min(dataStart + size, file.length)}`,
    );
  }
  if (shape.length > MOST_AXES) {
    throw new NpyError(
      `it has ${shape.length} axes, (${shape.join(", ")}), more than ${MOST_AXES}`,
      `byte ${LENGTH_AT}`,
    );
  }
  const values = decodeNumbers(data, type, little);
  const [rows = 1, columns = 1] = shape;
  return { shape, values: fortran ? byRows(values, rows, columns) : values, kind: kindOf(type) };
}
