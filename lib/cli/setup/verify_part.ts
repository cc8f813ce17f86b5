import { damagedFiles } from "./_installed_file.ts";
import type { PartName } from "./parts.ts";
import type { SetupPaths } from "./paths.ts";
import { readStamp } from "./stamp.ts";

/** How many damaged files are named. */
const NAMED = 5;

/**
 * Compares all files of a part with the hashes that set-up noted.
 *
 * @returns A sentence, and the damaged files' paths, relative to the project.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { setupPaths } from "./paths.ts";
 * const paths = setupPaths(await Deno.makeTempDir());
 * assertEquals((await verifyPart("lab", paths)).text, "not installed");
 * ```
 */
export async function verifyPart(
  part: PartName,
  paths: Pick<SetupPaths, "root" | "state">,
): Promise<{ text: string; damaged: readonly string[] }> {
  const stamp = await readStamp(paths.state, part);
  if (stamp === undefined) return { text: "not installed", damaged: [] };
  const damaged = damagedFiles(paths.root, stamp.files);
  if (damaged.length === 0) {
    return { text: `${stamp.files.length} files are as installed`, damaged };
  }
  const more = damaged.length > NAMED ? ` and ${damaged.length - NAMED} more` : "";
  const text = `DAMAGED: ${damaged.slice(0, NAMED).join(", ")}${more}`;
  return { text, damaged };
}
