/** What may be read at all: a plain file, in the folder where it has its name. */
import { dirname } from "node:path";
import { isInside } from "./_real_place.ts";
import { FileError } from "./file_error.ts";

function kindOf(info: Deno.FileInfo): string {
  if (info.isDirectory) return "a folder";
  if (info.isFifo) return "a pipe (FIFO)";
  if (info.isSocket) return "a socket";
  if (info.isBlockDevice || info.isCharDevice) return "a device";
  return "something else";
}

/**
 * Requires that a path leads to a plain file below a folder.
 *
 * @param real The file and the folder without symbolic links.
 * @throws {FileError} Naming the path, what it is, and what to do.
 */
export function requireOrdinary(
  path: string,
  info: Deno.FileInfo,
  real: { readonly file: string; readonly folder: string },
): void {
  if (!info.isFile) {
    const message = `Expected ${path} to be a file but found ${
      kindOf(info)
    }; put a plain file there`;
    throw new FileError(message, { path });
  }
  if (!isInside(real.folder, real.file)) {
    const message =
      `Cannot read ${path}: it is, or lies behind, a symbolic link to ${real.file}, out of its ` +
      `folder; put a copy in its place, or name ${real.file} itself`;
    throw new FileError(message, { path });
  }
}

/** Whether an error says that nothing is at a path. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

/** The error of a file that the system does not let us read. */
export function unreadable(path: string, error: unknown): FileError {
  if (error instanceof FileError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new FileError(`Cannot read ${path}: ${reason}`, { path, cause: error });
}

/** The folder that a file must not lead out of, unless another is named. */
export const ownFolder = (path: string): string => dirname(path);
