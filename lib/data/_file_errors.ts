/** Errors about dataset files; each names the file, where in it, what is wrong and what to do. */
import { FileError } from "../files/file_error.ts";
import { ordinaryFile } from "../files/ordinary_file.ts";

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
 * @param within The folder that links must not lead out of. Default: the file's own.
 * @throws {FileError} If something is there that is no readable file, or a link out of the folder.
 */
export async function fileSize(path: string, within?: string): Promise<number | undefined> {
  return (await ordinaryFile(path, within === undefined ? {} : { within }))?.size;
}
