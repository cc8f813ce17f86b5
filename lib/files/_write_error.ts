/** Where the permissions of the lab's tasks let them write. */
export const PERMITTED_PLACES =
  "a task of the lab may only write below the project's folder (its code excepted) and /tmp; " +
  "choose a folder there";

/**
 * The error of a path that cannot be written, with what to do where Deno's permissions forbid it.
 *
 * @param path What could not be written.
 * @param error What the system said.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(writeError("a.txt", new Error("disk full")).message, "Cannot write a.txt: disk full");
 * ```
 */
export function writeError(path: string, error: unknown): Error {
  const reason = error instanceof Deno.errors.NotCapable
    ? PERMITTED_PLACES
    : error instanceof Error
    ? error.message
    : String(error);
  return new Error(`Cannot write ${path}: ${reason}`, { cause: error });
}
