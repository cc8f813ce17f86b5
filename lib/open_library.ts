/** The library as a notebook opens it: on a machine without set-up, a sentence instead of an error. */

import { REPAIR_COMMAND } from "./files/setup_commands.ts";

/** All that `lib/mod.ts` exports. */
export type Library = typeof import("./mod.ts");

/**
 * Loads the library. Where that fails, because set-up was not run or a file is damaged, prints what to do, in
 * one sentence.
 *
 * @returns The library; undefined where it cannot be loaded.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const library = await openLibrary();
 * assertEquals(typeof library!.openLab, "function");
 * ```
 */
export async function openLibrary(): Promise<Library | undefined> {
  try {
    return await import("./mod.ts");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.log(
      reason.includes("task setup")
        ? reason
        : `The library cannot be loaded: ${reason}. Run in the project's folder: ${REPAIR_COMMAND}`,
    );
    return undefined;
  }
}
