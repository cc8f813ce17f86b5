/** Errors about dataset files; each names the file, where in it, what is wrong and what to do. */
import { FileError } from "../files/file_error.ts";

/**
 * A file that is there but does not hold what it should.
 *
 * @param place Where in it, e.g. "byte 12".
 */
export function damagedFile(path: string, place: string, reason: string): FileError {
  return new FileError(
    `${path} is damaged or no file of this dataset: ${reason} (at ${place}). ` +
      `Delete it and fetch it again (deno task download)`,
    { path, place },
  );
}

/** A file that the system does not let us read. */
export function unreadableFile(path: string, error: unknown): FileError {
  if (error instanceof FileError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new FileError(`Cannot read ${path}: ${reason}`, { path, cause: error });
}

/**
 * A file's size, or `undefined` where there is none.
 *
 * @throws {FileError} If something is there that is no readable file.
 */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) {
      throw new FileError(`Expected ${path} to be a file but found something else`, { path });
    }
    return size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unreadableFile(path, error);
  }
}
