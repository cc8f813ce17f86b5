/** NumPy's archives: a zip with an npy file for each array, stored or deflated. */
import { unzipSync } from "fflate";
import { crc32 } from "node:zlib";
import { thousands } from "../format/thousands.ts";
import { decodeNpy, NpyError } from "./npy.ts";
import type { NumericArray } from "./numeric_array.ts";

/** What a zip begins with; the second, an empty one. */
export const ZIP_MAGICS: readonly (readonly number[])[] = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x50, 0x4b, 0x05, 0x06],
];
/** What an array may take when unpacked. */
const MAX_BYTES = 2 ** 30;
/** Marks an entry of the zip's directory. */
const DIRECTORY_ENTRY = 0x02014b50;
/** Marks the directory's end, which lies in the last 64 KB. */
const DIRECTORY_END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 65_535;

/** The check sums that the zip's directory names; none where it cannot be read. */
function checkSums(file: Uint8Array): Map<string, number> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sums = new Map<string, number>();
  let end = file.length - END_BYTES;
  const last = Math.max(0, end - LONGEST_COMMENT);
  while (end > last && view.getUint32(end, true) !== DIRECTORY_END) end--;
  if (end < 0 || view.getUint32(end, true) !== DIRECTORY_END) return sums;
  let at = view.getUint32(end + 16, true);
  while (at + 46 <= file.length && view.getUint32(at, true) === DIRECTORY_ENTRY) {
    const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const text = new TextDecoder().decode(file.subarray(at + 46, at + 46 + name!));
    sums.set(text, view.getUint32(at + 16, true));
    at += 46 + name! + extra! + comment!;
  }
  return sums;
}

/** What an npz file holds. */
export interface NpzContent {
  /** Names of all its arrays. */
  readonly names: readonly string[];
  /** The arrays asked for, as far as they are there. */
  readonly arrays: ReadonlyMap<string, NumericArray>;
}

/**
 * Decodes some arrays of an npz file. Only these are unpacked, once their sizes are known to be
 * reasonable; the zip's check sums must be right.
 *
 * @param file The whole file.
 * @param wanted Names of arrays, as `numpy.savez(file, name=array)` gave them.
 * @throws {NpyError} Saying what is wrong and where; the caller adds the file's name.
 */
export function decodeNpz(file: Uint8Array, wanted: readonly string[]): NpzContent {
  const members: string[] = [];
  let unpacked: Record<string, Uint8Array>;
  try {
    unpacked = unzipSync(file, {
      filter: ({ name, originalSize }) => {
        members.push(name);
        if (!wanted.includes(name.replace(/\.npy$/, ""))) return false;
        if (originalSize > MAX_BYTES) {
          throw new NpyError(
            `its ${name} claims ${thousands(originalSize)} bytes, more than the ` +
              `${thousands(MAX_BYTES)} that an array may have`,
            name,
          );
        }
        return true;
      },
    });
  } catch (error) {
    if (error instanceof NpyError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new NpyError(
      `its zip is damaged or cut short (${reason}); copy it again`,
      "its directory",
    );
  }
  if (members.some((name) => name.endsWith("data.pkl"))) {
    throw new NpyError(
      "it is a file of torch.save, which holds a pickle; save arrays instead, e.g. " +
        "numpy.savez(file, logits=logits.cpu().numpy(), labels=labels.cpu().numpy())",
      "data.pkl",
    );
  }
  const sums = checkSums(file);
  const arrays = new Map<string, NumericArray>();
  for (const [member, bytes] of Object.entries(unpacked)) {
    const sum = sums.get(member);
    if (sum !== undefined && sum !== crc32(bytes)) {
      throw new NpyError(`its ${member} does not match its check sum; copy it again`, member);
    }
    arrays.set(member.replace(/\.npy$/, ""), memberArray(member, bytes));
  }
  return { names: members.map((name) => name.replace(/\.npy$/, "")), arrays };
}

function memberArray(member: string, bytes: Uint8Array): NumericArray {
  try {
    return decodeNpy(bytes);
  } catch (error) {
    if (!(error instanceof NpyError)) throw error;
    throw new NpyError(`of its ${member}: ${error.message}`, `${member}, ${error.place}`);
  }
}
