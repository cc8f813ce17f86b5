import { FileError } from "../files/file_error.ts";
import { readBounded } from "../files/read_bounded.ts";
import { printable } from "../format/printable.ts";
import { foreignFile } from "./_foreign_file.ts";
import { decodeSafetensors, type SafetensorsContent } from "./safetensors.ts";
import { SafetensorsError } from "./safetensors_header.ts";

/** Larger than any file of the lab: a ResNet-18 with Adam's state has 135 MB. */
export const MAX_BYTES = 2 ** 30;

/**
 * Reads a safetensors file.
 *
 * @param path The file.
 * @param what Names it in errors, e.g. "the checkpoint".
 * @returns Its content, and all of its bytes.
 * @throws {FileError} Naming the file and the byte, if it is missing, too large, damaged, or of another
 * format, which the message names with a way to convert it.
 */
export async function readSafetensors(
  path: string,
  what: string,
): Promise<SafetensorsContent & { readonly bytes: Uint8Array }> {
  const bytes = await readBounded(path, MAX_BYTES);
  if (bytes === undefined) {
    throw new FileError(`Cannot read ${what} ${path}: there is no such file`, { path });
  }
  try {
    return { ...decodeSafetensors(bytes), bytes };
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    const foreign = foreignFile(bytes, path);
    const told = foreign === undefined ? error : new SafetensorsError(foreign, 0);
    throw damagedTensors(path, what, told);
  }
}

/**
 * The error of a safetensors file that is damaged or does not fit.
 *
 * @param what Names the file, e.g. "the checkpoint".
 * @param error What is wrong and where.
 */
export function damagedTensors(
  path: string,
  what: string,
  { message, offset }: SafetensorsError,
): FileError {
  const place = `byte ${offset}`;
  return new FileError(`Cannot load ${what} ${path}: ${printable(message)} (at ${place})`, {
    path,
    place,
  });
}
