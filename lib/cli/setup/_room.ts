import { statfs } from "node:fs/promises";
import { SetupFailure } from "./failure.ts";
import type { SetupPaths } from "./paths.ts";

const USUAL_ROOM_BYTES = 2e9;

/** The sentence for a full disk. */
export function noSpace(paths: SetupPaths, bytes: number = USUAL_ROOM_BYTES): string {
  return `There is not enough room on the disk of ${paths.root}: free about ${
    Math.ceil(bytes / 1e9)
  } GB, then run this again.`;
}

/** Bytes that may still be written into a folder's file system. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Refuses to start what the disk has no room for.
 *
 * @param bytes What will lie there at once, at most.
 * @param free Bytes that are free. Default asks the system.
 * @throws {SetupFailure} Saying how much must be free.
 * @example
 * ```ts
 * import { assertRejects } from "@trusted-ai-lab/lab/assert";
 * import { setupPaths } from "./paths.ts";
 * await requireRoom(setupPaths("/p"), 5e9, 5e9);
 * await assertRejects(() => requireRoom(setupPaths("/p"), 5e9, 4e9), Error, "about 5 GB");
 * ```
 */
export async function requireRoom(
  paths: SetupPaths,
  bytes: number,
  free?: number,
): Promise<void> {
  if ((free ?? await freeBytes(paths.root)) < bytes) {
    throw new SetupFailure(noSpace(paths, Math.max(bytes, USUAL_ROOM_BYTES)));
  }
}
