/**
 * The header of a safetensors file: its length in 8 bytes (little endian), then JSON with each tensor's
 * dtype, shape and byte range. Everything is checked before anything is allocated.
 * Source: the format's description in the huggingface/safetensors repository.
 */
import { JsonError, parseStrictJson } from "../format/strict_json.ts";
import { sha256 } from "../format/sha256.ts";

/** Where and how a tensor lies in the data behind the header. */
export interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [begin: number, end: number];
}

/** A file that is no valid safetensors file; who reads it adds the file's name. */
export class SafetensorsError extends Error {
  override name = "SafetensorsError";

  /**
   * @param message What is wrong.
   * @param offset The byte of the file where it is.
   */
  constructor(message: string, readonly offset: number) {
    super(message);
  }
}

/** Our own metadata key: SHA-256 of the header as it is without this key. */
export const HEADER_DIGEST = "lab.sha256.header";
/** Most tensors of a file: a hundred times as many as a ResNet-18 with Adam's state has. */
const MAX_TENSORS = 20_000;
/** Longest header that is read: the reference's 100 MB would hold a million empty tensors. */
export const MAX_HEADER_BYTES = 8_000_000;
/** The header lies behind its length. */
const HEADER_START = 8;
/** Bits of one value of each type of the format. */
const BITS_PER_VALUE: Readonly<Record<string, number>> = {
  ...{ F64: 64, F32: 32, F16: 16, BF16: 16, C64: 64 },
  ...{ I64: 64, I32: 32, I16: 16, I8: 8, U64: 64, U32: 32, U16: 16, U8: 8, BOOL: 8 },
  ...{ F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F6_E2M3: 6, F6_E3M2: 6, F4: 4 },
};

/** Of names, types, shapes, places and metadata, in their order. */
export function headerDigest(header: Readonly<Record<string, unknown>>): string {
  return sha256(JSON.stringify(header));
}

/** Number of values of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Requires that a header of this length can be read from a file of this size.
 *
 * @throws {SafetensorsError} Saying which bound it breaks.
 */
export function requireHeaderLength(length: number, size: number): void {
  if (8 + length > size) {
    throw new SafetensorsError(`its header claims ${length} bytes but the file has ${size}`, 0);
  }
  if (length > MAX_HEADER_BYTES) {
    const what = `its header of ${length} bytes is longer than the ${MAX_HEADER_BYTES} that the ` +
      `names and shapes of ${MAX_TENSORS} tensors need`;
    throw new SafetensorsError(what, 0);
  }
}

/**
 * Splits a file into header and data.
 *
 * @throws {SafetensorsError} Saying what is wrong and where.
 */
export function splitFile(
  file: Uint8Array,
): { header: Record<string, unknown>; data: Uint8Array; dataStart: number } {
  if (file.length < 8) {
    throw new SafetensorsError(`it is ${file.length} bytes long, too short for a header`, 0);
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  requireHeaderLength(length, file.length);
  const dataStart = HEADER_START + length;
  return {
    header: parseHeader(file.subarray(HEADER_START, dataStart)),
    data: file.subarray(dataStart),
    dataStart,
  };
}

/**
 * Parses the JSON header of a safetensors file and checks its digest, where it has one.
 *
 * @param bytes What follows the file's first eight bytes, as long as these say.
 * @returns Tensors' entries and `__metadata__`, without the digest.
 * @throws {SafetensorsError} Saying what is wrong and where; the caller adds the file's name.
 */
export function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const what = error instanceof JsonError
      ? error.message.replace(/^it /, "its header ")
      : undefined;
    throw new SafetensorsError(what ?? "its header is not JSON", HEADER_START);
  }
  if (!isObject(header)) {
    throw new SafetensorsError("its header is not a JSON object", HEADER_START);
  }
  return undigested(header);
}

/** The header without its digest, which must be right where there is one. */
function undigested(header: Record<string, unknown>): Record<string, unknown> {
  const metadata = header.__metadata__;
  if (metadata === undefined) return header;
  // Strings alone, as the format says: an array in an array in an array has no bottom.
  if (!isObject(metadata) || Object.values(metadata).some((text) => typeof text !== "string")) {
    throw new SafetensorsError("its __metadata__ does not hold strings alone", HEADER_START);
  }
  const { [HEADER_DIGEST]: digest, ...strings } = metadata;
  const rest = { ...header, __metadata__: strings };
  if (digest !== undefined && digest !== safeDigest(rest)) {
    throw new SafetensorsError(
      "its header does not match its SHA-256; the file is damaged",
      HEADER_START,
    );
  }
  return rest;
}

/** The header's digest; undefined if it is nested too deeply for one of ours. */
function safeDigest(header: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return headerDigest(header);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkedEntry(name: string, value: unknown, dataLength: number, dataStart: number): Entry {
  const refuse = (what: string, offset = HEADER_START): never => {
    throw new SafetensorsError(what, offset);
  };
  const entry = value as Partial<Entry> | null;
  const numbers = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((item) => Number.isSafeInteger(item) && item >= 0);
  if (
    typeof entry?.dtype !== "string" || !numbers(entry.shape) || !numbers(entry.data_offsets) ||
    entry.data_offsets.length !== 2
  ) {
    return refuse(`the header entry of ${name} is malformed`);
  }
  if (!Object.hasOwn(BITS_PER_VALUE, entry.dtype)) {
    refuse(`${name} has the unsupported type ${entry.dtype}`);
  }
  const [begin, end] = entry.data_offsets;
  if (begin > end || end > dataLength) {
    refuse(
      `the bytes of ${name} (${begin} to ${end}) lie outside the file; it is truncated`,
      dataStart + Math.min(begin, dataLength),
    );
  }
  if (8 * (end - begin) !== elementCount(entry.shape) * BITS_PER_VALUE[entry.dtype]!) {
    refuse(
      `${name} has ${end - begin} bytes, which do not fit its shape [${entry.shape}]`,
      dataStart + begin,
    );
  }
  return entry as Entry;
}

/** Requires that the tensors lie one behind the other and make up all of the data. */
function requireContiguous(
  entries: readonly (readonly [name: string, entry: Entry])[],
  dataLength: number,
  dataStart: number,
): void {
  const sorted = entries.toSorted(([, a], [, b]) =>
    a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]
  );
  let expected = 0;
  for (const [name, { data_offsets: [begin, end] }] of sorted) {
    if (begin !== expected) {
      throw new SafetensorsError(
        `the bytes of ${name} begin ${begin < expected ? "inside another tensor" : "behind a gap"}`,
        dataStart + begin,
      );
    }
    expected = end;
  }
  if (expected !== dataLength) {
    throw new SafetensorsError(
      `${dataLength - expected} bytes belong to no tensor`,
      dataStart + expected,
    );
  }
}

/**
 * The tensors that a header lists.
 *
 * @param named The header without `__metadata__`.
 * @param dataLength Bytes behind the header.
 * @param dataStart The byte of the file where they begin.
 * @throws {SafetensorsError} If an entry is malformed, does not fit its shape, or entries overlap or
 * leave gaps.
 */
export function checkedEntries(
  named: Readonly<Record<string, unknown>>,
  dataLength: number,
  dataStart: number,
): [name: string, entry: Entry][] {
  const all = Object.entries(named);
  if (all.length > MAX_TENSORS) {
    throw new SafetensorsError(
      `its header names ${all.length} tensors, more than ${MAX_TENSORS}`,
      HEADER_START,
    );
  }
  const entries = all.map(([name, value]): [string, Entry] => [
    name,
    checkedEntry(name, value, dataLength, dataStart),
  ]);
  requireContiguous(entries, dataLength, dataStart);
  return entries;
}
