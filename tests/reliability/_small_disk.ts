/** A disk of a few kilobytes, to be filled. */
import { system } from "./_situation.ts";

/**
 * Calls `use` with a small disk of its own.
 *
 * @param size As mount wants it, e.g. "256k".
 * @returns False where none can be mounted; then `use` was not called.
 */
export async function withSmallDisk(
  use: (disk: string) => Promise<void>,
  size = "256k",
): Promise<boolean> {
  const disk = await Deno.makeTempDir();
  if (!await system("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk)) {
    await Deno.remove(disk);
    return false;
  }
  try {
    await use(disk);
  } finally {
    await system("umount", disk);
    await Deno.remove(disk);
  }
  return true;
}

/** Why no disk can be mounted here, if so. */
export const noDisk: string | undefined =
  Deno.build.os === "linux" && await withSmallDisk(() => Promise.resolve())
    ? undefined
    : "no disk can be mounted here";
