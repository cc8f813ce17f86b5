/** Files of arrays, told apart by their content: npy, npz, safetensors, CSV. */
import {
  decodeNumbers,
  kindOf,
  type NumberType,
  type NumericArray,
} from "../data/numeric_array.ts";
import { decodeNpy, NPY_MAGIC, NpyError } from "../data/npy.ts";
import { decodeNpz, ZIP_MAGICS } from "../data/npz.ts";
import { FileError } from "../files/file_error.ts";
import { readBounded } from "../files/read_bounded.ts";
import { printable } from "../format/printable.ts";
import { sha256 } from "../format/sha256.ts";
import { checkedEntries, SafetensorsError, splitFile } from "../nn/safetensors_header.ts";
import { CsvTableError, readCsvTable } from "./_csv_table.ts";

/** The keys of an npz or safetensors file that are read. */
export const ARRAY_KEYS = ["logits", "probabilities", "labels"] as const;
/** The name of one of these arrays. */
export type ArrayKey = typeof ARRAY_KEYS[number];

/** What a file of arrays holds. */
export interface ArrayFile {
  readonly path: string;
  readonly sha256: string;
  /** "npy" and "csv" do not name what they hold. */
  readonly format: "npy" | "npz" | "safetensors" | "csv";
  /** What has a name. */
  readonly named: ReadonlyMap<string, NumericArray>;
  /** Names of all that the file holds. */
  readonly names: readonly string[];
  /** What has none: the array of an npy file, or a table without its labels. */
  readonly unnamed: NumericArray | undefined;
  /** Names of the table's columns. */
  readonly header: readonly string[] | undefined;
  /** What was taken for granted, as sentences. */
  readonly notes: readonly string[];
}

type Content = Omit<ArrayFile, "path" | "sha256">;

/** 50,000 rows of 1,000 classes in float64 have 400 MB. */
const MAX_BYTES = 2 ** 30;
/** A text may not be longer in this runtime. */
const MAX_TEXT_BYTES = 2 ** 29 - 64;

function starts(bytes: Uint8Array, magic: readonly number[], at = 0): boolean {
  return magic.every((byte, k) => bytes[at + k] === byte);
}

const nothing = { named: new Map<string, NumericArray>(), names: [], unnamed: undefined };
const plain = { ...nothing, header: undefined, notes: [] };

function readNpy(bytes: Uint8Array): Content {
  return { ...plain, format: "npy", unnamed: decodeNpy(bytes) };
}

function readNpz(bytes: Uint8Array): Content {
  const { names, arrays } = decodeNpz(bytes, ARRAY_KEYS);
  return { ...plain, format: "npz", names, named: arrays };
}

const SAFETENSORS_TYPES: Readonly<Record<string, NumberType>> = {
  ...{ BOOL: "bool", I8: "int8", I16: "int16", I32: "int32", I64: "int64" },
  ...{ U8: "uint8", U16: "uint16", U32: "uint32", U64: "uint64" },
  ...{ F16: "float16", BF16: "bfloat16", F32: "float32", F64: "float64" },
};

function readTensors(bytes: Uint8Array): Content {
  const { header: { __metadata__: _, ...entries }, data, dataStart } = splitFile(bytes);
  const named = new Map<string, NumericArray>();
  const all = checkedEntries(entries, data.length, dataStart);
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of all) {
    if (!(ARRAY_KEYS as readonly string[]).includes(name)) continue;
    const type = SAFETENSORS_TYPES[dtype];
    if (type === undefined) {
      throw new SafetensorsError(`its ${name} has the type ${dtype}; save it as F32 or I64`, 8);
    }
    const values = decodeNumbers(data.subarray(begin, end), type, true);
    named.set(name, { shape, values, kind: kindOf(type) });
  }
  return { ...plain, format: "safetensors", named, names: all.map(([name]) => name) };
}

function readCsv(bytes: Uint8Array): Content {
  if (bytes.length > MAX_TEXT_BYTES) {
    throw new CsvTableError("it is too long for a text; save an npy file instead", "its end");
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CsvTableError("it is neither npy, npz, safetensors nor text", "byte 0");
  }
  if (text.includes("\0")) {
    throw new CsvTableError("it is neither npy, npz, safetensors nor text", "byte 0");
  }
  const { rows, columns, values, labels, header, notes } = readCsvTable(text);
  const named = new Map<string, NumericArray>();
  if (labels !== undefined) {
    named.set("labels", { shape: [rows], values: labels, kind: "integer" });
  }
  const unnamed = { shape: [rows, columns], values, kind: "rounded" } as const;
  return { ...nothing, format: "csv", named, unnamed, header, notes };
}

/** Files that are often taken for arrays, by their first bytes. */
const FOREIGN: readonly (readonly [magic: readonly number[], what: string])[] = [
  [
    [0x89, 0x48, 0x44, 0x46],
    "an HDF5 file: open it with h5py and save its arrays with numpy.savez",
  ],
  [[0x1f, 0x8b], "compressed with gzip: unpack it with gunzip"],
  [[0x50, 0x41, 0x52, 0x31], "a Parquet file: save it with DataFrame.to_csv"],
];

function foreign(bytes: Uint8Array): string | undefined {
  // Protocols 2 to 5 of Python's pickle.
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5) {
    return "a Python pickle, which is not read, because reading one may run a program: save arrays " +
      "with numpy.save or numpy.savez";
  }
  return FOREIGN.find(([magic]) => starts(bytes, magic))?.[1];
}

/** The content decides; a damaged file's name says what it should be. */
function readerOf(bytes: Uint8Array, path: string): (bytes: Uint8Array) => Content {
  if (starts(bytes, NPY_MAGIC)) return readNpy;
  if (ZIP_MAGICS.some((magic) => starts(bytes, magic))) return readNpz;
  if (starts(bytes, [0, 0, 0, 0, 0x7b], 4)) return readTensors;
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
  if (ending === "npy") return readNpy;
  if (ending === "npz") return readNpz;
  return ending === "safetensors" ? readTensors : readCsv;
}

function placeOf(error: unknown): string | undefined {
  if (error instanceof NpyError || error instanceof CsvTableError) return error.place;
  return error instanceof SafetensorsError ? `byte ${error.offset}` : undefined;
}

/**
 * Reads a file of arrays.
 *
 * @param what Names its content in errors, e.g. "the labels".
 * @throws {FileError} Naming the file, the place in it, what is wrong and how to save it.
 */
export async function readArrayFile(path: string, what: string): Promise<ArrayFile> {
  const bytes = await readBounded(path, MAX_BYTES);
  const fail = (reason: string, place?: string, cause?: unknown) =>
    new FileError(
      `Cannot read ${what} in ${path}: ${printable(reason)}${place ? ` (at ${place})` : ""}`,
      { path, place, cause },
    );
  if (bytes === undefined) throw fail("there is no such file");
  if (bytes.length === 0) throw fail("it is empty", "byte 0");
  const kind = foreign(bytes);
  if (kind !== undefined) throw fail(`it is ${kind}`, "byte 0");
  try {
    return { path, sha256: sha256(bytes), ...readerOf(bytes, path)(bytes) };
  } catch (error) {
    const place = placeOf(error);
    if (place === undefined) throw error;
    throw fail((error as Error).message, place, error);
  }
}
