/**
 * A lease on a directory: a file that says who works there, touched every few seconds. A lock that
 * the system would hold does not reach over network file systems, and one that is only a file
 * outlives a killed owner; a lease that is not renewed has ended.
 */
import { hostname } from "node:os";
import { join } from "node:path";
import { writeError } from "./write_error.ts";

/** The file's name. */
export const leaseFile = "run.lock";

/** Without a sign of life for so long, an owner on another host counts as dead. */
const STALE_MS = 60_000;

/** Who holds a lease. */
interface Holder {
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
}

/** A lease as it was found. */
interface Found {
  readonly text: string;
  readonly age: number;
  /** Absent while the file is being written, or if it is damaged. */
  readonly holder?: Holder;
}

async function find(path: string): Promise<Found | undefined> {
  try {
    const { mtime } = await Deno.stat(path);
    const text = await Deno.readTextFile(path);
    const age = Date.now() - (mtime?.getTime() ?? 0);
    try {
      return { text, age, holder: JSON.parse(text) };
    } catch {
      return { text, age };
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function isRunning(pid: number): Promise<boolean> {
  if (Deno.build.os !== "linux") return true; // only the heartbeat tells
  try {
    await Deno.stat(`/proc/${pid}`);
    return true;
  } catch {
    return false;
  }
}

async function isAlive({ age, holder }: Found): Promise<boolean> {
  if (age > STALE_MS) return false;
  return holder === undefined || holder.host !== hostname() || await isRunning(holder.pid);
}

/** Another process holds the lease. */
class LeaseHeld extends Error {}

function refusal(directory: string, { age, holder }: Found): LeaseHeld {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : "another process";
  return new LeaseHeld(
    `Cannot work in ${directory}: ${who} works there (last sign of life ` +
      `${Math.max(0, Math.round(age / 1000))} s ago). Wait until it has ended, or use another ` +
      `directory.`,
  );
}

/** Puts a dead owner's lease away; `false` if somebody else did it meanwhile. */
async function clear(path: string, dead: Found): Promise<boolean> {
  const aside = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.rename(path, aside);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  const mine = await Deno.readTextFile(aside) === dead.text;
  if (mine) await Deno.remove(aside);
  else await Deno.rename(aside, path); // a fresh lease of another process: it gets it back
  return mine;
}

async function acquire(directory: string, holder: Holder): Promise<void> {
  const path = join(directory, leaseFile);
  await Deno.mkdir(directory, { recursive: true });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await Deno.writeTextFile(path, JSON.stringify(holder), { createNew: true });
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) {
        await Deno.remove(path).catch(() => {}); // created, but not written: a full disk
        throw error;
      }
    }
    const found = await find(path);
    if (found === undefined) continue;
    if (await isAlive(found)) throw refusal(directory, found);
    await clear(path, found);
  }
  throw refusal(directory, { text: "", age: 0 });
}

/**
 * Works in a directory that no other process works in meanwhile.
 *
 * @param directory Made if it is not there. Its file `run.lock` holds the lease.
 * @param task Is given a signal that aborts if the lease is lost: this process was asleep for so
 * long that another one took over.
 * @param options.heartbeat Milliseconds between signs of life. Default 10,000.
 * @returns What the task returns.
 * @throws {Error} Naming the directory and the owner, if another process holds the lease or took it.
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "../../tests/assert.ts";
 * const directory = await Deno.makeTempDir();
 * const inner = () => withLease(directory, () => Promise.resolve());
 * await withLease(directory, () => assertRejects(inner, Error, directory));
 * assertEquals([...Deno.readDirSync(directory)], []);
 * ```
 */
export async function withLease<T>(
  directory: string,
  task: (lost: AbortSignal) => Promise<T>,
  { heartbeat = 10_000 }: { readonly heartbeat?: number } = {},
): Promise<T> {
  const path = join(directory, leaseFile);
  const holder = { owner: crypto.randomUUID(), host: hostname(), pid: Deno.pid };
  try {
    await acquire(directory, holder);
  } catch (error) {
    if (error instanceof LeaseHeld) throw error;
    throw writeError(path, error);
  }
  const lost = new AbortController();
  const isMine = async () => (await find(path))?.holder?.owner === holder.owner;
  const beat = setInterval(async () => {
    try {
      if (await isMine()) await Deno.utime(path, new Date(), new Date());
      else lost.abort(new Error(`Another process took over ${directory}`));
    } catch {
      // A sign of life that could not be given; the next one may succeed.
    }
  }, heartbeat);
  try {
    return await task(lost.signal);
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    clearInterval(beat);
    if (await isMine()) await Deno.remove(path);
  }
}
