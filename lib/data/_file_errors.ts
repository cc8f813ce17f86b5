/** Errors about dataset files; each names the file, what is wrong and what to do. */

/** An error about one file. */
export class DataFileError extends Error {
  override name = "DataFileError";
}

/** A file that is there but does not hold what it should. */
export function damagedFile(path: string, reason: string): DataFileError {
  return new DataFileError(
    `${path} is damaged or no file of this dataset: ${reason}. ` +
      `Delete it and fetch it again (deno task download)`,
  );
}

/** A file that the system does not let us read. */
export function unreadableFile(path: string, error: unknown): DataFileError {
  if (error instanceof DataFileError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new DataFileError(`Cannot read ${path}: ${reason}`, { cause: error });
}

/**
 * A file's size, or `undefined` where there is none.
 *
 * @throws {DataFileError} If something is there that is no readable file.
 */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw new DataFileError(`Expected ${path} to be a file but found something else`);
    return size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unreadableFile(path, error);
  }
}
