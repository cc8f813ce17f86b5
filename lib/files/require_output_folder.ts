import { join, relative, resolve } from "node:path";
import { isInside, lookAt, realPlace } from "./_real_place.ts";
import { PlaceRefused, projectFolder, requirePermittedFolder } from "./require_permitted.ts";

/** What of the project no output may be written into; deno.json denies the same to its tasks. */
export const PROTECTED_PATHS: readonly string[] = [
  "lib",
  "tests",
  "deno.json",
  "deno.lock",
  "node_modules",
  ".cache/setup",
  ".cache/tensorflow",
  ".venv",
  ".git",
];

/** Refuses a link below `base` that leads out of the folder it lies in. */
async function requireNoWayOut(base: string, path: string): Promise<void> {
  if (!isInside(resolve(base), resolve(path))) {
    throw new RangeError(`Expected path to lie in ${base} but found ${path}`);
  }
  let folder = resolve(base);
  for (const name of relative(folder, resolve(path)).split(/[/\\]/)) {
    const place = join(folder, name);
    const found = await lookAt(place);
    if (found === undefined) return;
    if (found.isSymlink) {
      const target = await realPlace(place);
      if (!isInside(await realPlace(folder), target)) {
        throw new PlaceRefused(
          `Cannot write into ${path}: ${place} is a symbolic link to ${target}, out of its folder; ` +
            `remove the link, or name a folder of your own as the place to write to`,
        );
      }
    }
    folder = place;
  }
}

async function requireUnprotected(path: string, project: string): Promise<void> {
  const real = await realPlace(path);
  for (const name of PROTECTED_PATHS) {
    if (!isInside(await realPlace(join(project, name)), real)) continue;
    const way = real === resolve(path) ? "it lies" : `it leads to ${real},`;
    throw new PlaceRefused(
      `Cannot write into ${path}: ${way} in the lab's own ${name}; choose another folder`,
    );
  }
}

/**
 * Requires that a folder is fit for outputs, before anything is written: where it really is, all
 * symbolic links followed, must be neither part of the project's code and tools nor out of what this
 * process may write.
 *
 * @param path The folder; it may not exist yet.
 * @param options.within Who chose the path: what lies below this folder was made by the lab, or came
 * with a folder from elsewhere, and must not lead out of it by a link. Default: the whole path is the
 * user's own choice, links included.
 * @param options.project The project that is protected. Default the checkout of this module.
 * @throws {PlaceRefused} Naming the path, the link and where it leads.
 * @example
 * ```ts
 * import { assertRejects } from "@trusted-ai-lab/lab/assert";
 * const run = await Deno.makeTempDir();
 * await requireOutputFolder(`${run}/eval`, { within: run });
 * await Deno.symlink(await Deno.makeTempDir(), `${run}/eval`);
 * await requireOutputFolder(`${run}/eval`); // the user's choice
 * await assertRejects(() => requireOutputFolder(`${run}/eval`, { within: run }), Error, "link");
 * ```
 */
export async function requireOutputFolder(
  path: string,
  { within, project = projectFolder }: {
    readonly within?: string;
    readonly project?: string;
  } = {},
): Promise<void> {
  if (within !== undefined) await requireNoWayOut(within, path);
  await requireUnprotected(path, project);
  await requirePermittedFolder(path);
}
