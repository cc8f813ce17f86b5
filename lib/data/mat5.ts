import type { FileError } from "../files/file_error.ts";
import { ByteSource } from "./_byte_source.ts";
import { damagedFile, fileSize, unreadableFile } from "./_file_errors.ts";
import {
  type ElementStream,
  miCOMPRESSED,
  miMATRIX,
  miUINT8,
  paddingOf,
  readNumbers,
  readTag,
} from "./_mat5_element.ts";

const HEADER_BYTES = 128;
const TAG_BYTES = 8;
/** Array classes whose data part is plain numbers: double, single and the integers. */
const FIRST_NUMERIC_CLASS = 6;
const LAST_NUMERIC_CLASS = 15;
const COMPLEX_FLAG = 0x0800;
/** Of our files each has two arrays; millions of empty ones would take hours. */
const MAX_ARRAYS = 1000;

/** A matrix whose header has been read and whose data follow in the stream. */
export interface Mat5Matrix {
  readonly name: string;
  /** Sizes of the dimensions; the data are column-major, the first dimension varies fastest. */
  readonly dimensions: readonly number[];
  /** The error of a file whose array is not what it should be. */
  damaged(reason: string): FileError;
  /**
   * Reads the data as numbers.
   *
   * @param maxCount Bound that is checked before allocation.
   */
  numbers(maxCount: number): Promise<number[]>;
  /**
   * Reads the data of a uint8 array in pieces of equal size.
   *
   * @param pieceBytes Size of a piece; the pieces must make up the array.
   * @param use Gets each piece; the array is used again for the next.
   */
  bytes(pieceBytes: number, use: (piece: Uint8Array, index: number) => void): Promise<void>;
}

/** Reads the file's header; returns the byte order. */
async function readFileHeader(path: string): Promise<boolean> {
  await using source = new ByteSource(path, "plain", { length: HEADER_BYTES });
  const header = await source.read(HEADER_BYTES, "the MAT-file header");
  const order = String.fromCharCode(header[126]!, header[127]!);
  if (order !== "IM" && order !== "MI") {
    throw source.damaged("it has no byte-order mark of a Level 5 MAT-file", 126);
  }
  const littleEndian = order === "IM";
  const version = new DataView(header.buffer).getUint16(124, littleEndian);
  if (version !== 0x0100) {
    throw source.damaged(
      `its version is 0x${version.toString(16)} instead of 0x100 (MAT-file Level 5)`,
      124,
    );
  }
  return littleEndian;
}

/** Flags, dimensions and name of a matrix. */
async function readMatrixHeader(stream: ElementStream) {
  const flags = await readNumbers(stream, "the array flags", { min: 2, max: 2 });
  const dimensions = await readNumbers(stream, "the dimensions", { min: 2, max: 32 });
  const name = await readNumbers(stream, "the array name", { min: 0, max: 63 });
  return { flags: flags[0]!, dimensions, name: String.fromCharCode(...name) };
}

/** Whether an array of these flags is plain real numbers; others are none of ours. */
function isRealNumeric(flags: number): boolean {
  const arrayClass = flags & 0xff;
  return arrayClass >= FIRST_NUMERIC_CLASS && arrayClass <= LAST_NUMERIC_CLASS &&
    (flags & COMPLEX_FLAG) === 0;
}

async function readBytes(
  stream: ElementStream,
  { name, dimensions }: { name: string; dimensions: readonly number[] },
  pieceBytes: number,
  use: (piece: Uint8Array, index: number) => void,
): Promise<void> {
  const { source } = stream;
  const at = source.position;
  const tag = await readTag(stream);
  if (tag.type !== miUINT8) {
    throw source.damaged(`${name} has the data type ${tag.type} instead of uint8`, at);
  }
  const count = dimensions.reduce((product, size) => product * size, 1);
  if (tag.bytes !== count || tag.small) {
    throw source.damaged(
      `${name} holds ${tag.bytes} bytes instead of ${dimensions.join(" x ")}`,
      at,
    );
  }
  const piece = new Uint8Array(pieceBytes);
  for (let k = 0; k < count / pieceBytes; k++) {
    use(await source.readInto(piece, `piece ${k} of ${name}`), k);
  }
  await source.read(paddingOf(tag), `the padding of ${name}`);
}

async function visitMatrix(
  stream: ElementStream,
  visit: (matrix: Mat5Matrix) => Promise<void>,
): Promise<void> {
  const { source } = stream;
  const { flags, dimensions, name } = await readMatrixHeader(stream);
  const count = dimensions.reduce((product, size) => product * size, 1);
  const requireNumeric = () => {
    if (!isRealNumeric(flags)) throw source.damaged(`${name} is no array of real numbers`);
  };
  await visit({
    name,
    dimensions,
    damaged: (reason) => source.damaged(reason),
    numbers(maxCount) {
      requireNumeric();
      if (count > maxCount) {
        throw source.damaged(`${name} claims ${count} values, more than ${maxCount}`);
      }
      return readNumbers(stream, name, { min: count, max: count });
    },
    bytes(pieceBytes, use) {
      requireNumeric();
      return readBytes(stream, { name, dimensions }, pieceBytes, use);
    },
  });
}

/** Opens the element at `start`, visits its matrix and checks that the element ends with it. */
async function visitElement(
  path: string,
  start: number,
  bytes: number,
  packed: boolean,
  littleEndian: boolean,
  wanted: ReadonlySet<string>,
  visit: (matrix: Mat5Matrix) => Promise<void>,
): Promise<void> {
  await using source = packed
    ? new ByteSource(path, "zlib", { start: start + TAG_BYTES, length: bytes })
    : new ByteSource(path, "plain", { start, length: TAG_BYTES + bytes });
  const stream = { source, littleEndian };
  const tag = await readTag(stream);
  if (tag.type !== miMATRIX) {
    throw source.damaged(`it holds an element of type ${tag.type} instead of a matrix`, 0);
  }
  let visited = false;
  await visitMatrix(stream, async (matrix) => {
    visited = wanted.has(matrix.name);
    if (visited) await visit(matrix);
  });
  if (!visited) return;
  if (source.position !== TAG_BYTES + tag.bytes) {
    throw source.damaged(
      `a matrix claims ${tag.bytes} bytes but has ${source.position - TAG_BYTES}`,
    );
  }
  await source.expectEnd();
}

/**
 * Reads the named arrays of a Level 5 MAT-file (either byte order, zlib-packed or not), one after
 * the other in file order, without holding a whole packed or unpacked element.
 *
 * @param path The file.
 * @param names Names of the arrays to visit; others are skipped unread.
 * @param visit Gets each array's name and dimensions; must read its data.
 * @throws {Error} Naming the file, if it is missing, unreadable, truncated, corrupt, no Level 5
 * MAT-file, or lacks one of the arrays.
 */
export async function readMat5(
  path: string,
  names: readonly string[],
  visit: (matrix: Mat5Matrix) => Promise<void>,
): Promise<void> {
  const size = await fileSize(path);
  if (size === undefined) throw unreadableFile(path, new Error("there is no such file"));
  const littleEndian = await readFileHeader(path);
  const missing = new Set(names);
  const wanted = new Set(names);
  let arrays = 0;
  for (let start = HEADER_BYTES; start < size;) {
    if (++arrays > MAX_ARRAYS) {
      throw damagedFile(path, `byte ${start}`, `it holds more than ${MAX_ARRAYS} arrays`);
    }
    await using source = new ByteSource(path, "plain", { start, length: TAG_BYTES });
    const { type, bytes, small } = await readTag({ source, littleEndian });
    const packed = type === miCOMPRESSED;
    if (small || (!packed && type !== miMATRIX)) {
      throw source.damaged(`an element of type ${type} is no array`, 0);
    }
    const end = start + TAG_BYTES + bytes;
    if (end > size) {
      throw source.damaged(`it ends after ${size} bytes, in the middle of an array`, 0);
    }
    await visitElement(path, start, bytes, packed, littleEndian, wanted, async (matrix) => {
      if (!missing.delete(matrix.name)) {
        throw matrix.damaged(`it holds ${matrix.name} more than once`);
      }
      await visit(matrix);
    });
    start = end;
  }
  if (missing.size > 0) {
    throw damagedFile(path, `byte ${size}`, `it holds no array ${[...missing].join(", ")}`);
  }
}
