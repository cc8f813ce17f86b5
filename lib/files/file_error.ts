import { printableLines } from "../format/printable.ts";

/**
 * A file that cannot be used: damaged, or of another kind than expected.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const error = new FileError("a.bin is damaged: its label is 12 (at byte 0)", {
 *   path: "a.bin",
 *   place: "byte 0",
 * });
 * assertEquals([error.name, error.path, error.place], ["FileError", "a.bin", "byte 0"]);
 * ```
 */
export class FileError extends Error {
  override name = "FileError";
  /** The file. */
  readonly path: string;
  /** Where in it: "byte 12", "line 3", or a field's name; undefined if that does not matter. */
  readonly place: string | undefined;

  /**
   * @param message One sentence that names the file, the place and what is wrong.
   * @param about The file, the place in it and what was caught.
   */
  constructor(
    message: string,
    { path, place, cause }: {
      readonly path: string;
      readonly place?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(printableLines(message), { cause }); // it may quote the file, or its name
    this.path = path;
    this.place = place;
  }
}
