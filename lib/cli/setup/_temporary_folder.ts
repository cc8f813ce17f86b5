import { join } from "node:path";
import type { SetupPaths } from "./paths.ts";

/**
 * Gives commands a folder for their temporary files that lies in the project: a small, full or
 * forbidden TMPDIR does not matter then.
 *
 * @param use Gets the environment variable that names the folder.
 * @returns What `use` returns; the folder is removed.
 */
export async function withTemporaryFolder<T>(
  { state }: Pick<SetupPaths, "state">,
  use: (env: { readonly TMPDIR: string }) => Promise<T>,
): Promise<T> {
  const folder = join(state, "tmp");
  await Deno.remove(folder, { recursive: true }).catch(() => {}); // of a set-up that was killed
  await Deno.mkdir(folder, { recursive: true });
  try {
    return await use({ TMPDIR: folder });
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}
