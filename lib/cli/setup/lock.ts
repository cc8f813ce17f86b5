import { join } from "node:path";

/**
 * Runs work while no other process does work under the same lock. A process that dies releases it.
 *
 * @param folder Where the lock file lies; it is created.
 * @param work What to do.
 * @param onWait Called once if another process holds the lock.
 * @returns What the work returned.
 */
export async function withLock<T>(
  folder: string,
  work: () => Promise<T>,
  onWait: () => void = () => {},
): Promise<T> {
  await Deno.mkdir(folder, { recursive: true });
  using file = await Deno.open(join(folder, "lock"), { write: true, create: true });
  if (!await file.tryLock(true)) {
    onWait();
    await file.lock(true);
  }
  try {
    return await work();
  } finally {
    await file.unlock();
  }
}
