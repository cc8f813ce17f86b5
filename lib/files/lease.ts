/**
 * A lease on a directory: a file that says who works there, touched every few seconds and locked.
 * The system drops the lock of a killed owner, which other processes of this host see at once. A
 * lock need not reach to other hosts of a network file system: there a lease that is not renewed
 * has ended.
 */
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { duration } from "../format/duration.ts";
import { printable } from "../format/printable.ts";
import { parseStrictJson } from "../format/strict_json.ts";
import { lookAt } from "./_real_place.ts";
import { readBounded } from "./read_bounded.ts";
import { requireOutputFolder } from "./require_output_folder.ts";
import { writeError } from "./_write_error.ts";

/** The file's name. */
export const LEASE_FILE = "run.lock";

/** Without a sign of life for so long, an owner on another host counts as dead. */
const STALE_MS = 60_000;

/** Larger than any lease. */
const MAX_BYTES = 4096;

/** Between two tries of one that waits. */
const WAIT_MS = 200;

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

/** What a lease says, if it is one. */
function holderOf(text: string): { readonly holder?: Holder } {
  try {
    const { owner, host, pid } = Object(parseStrictJson(text)) as Partial<Holder>;
    const isHolder = typeof owner === "string" && typeof host === "string" &&
      Number.isSafeInteger(pid);
    return isHolder ? { holder: { owner, host, pid: pid! } } : {};
  } catch {
    return {};
  }
}

/** A lease that only a person can judge; the message says what to delete. */
class LeaseUnclear extends Error {
  constructor(path: string, why: string) {
    super(
      `Cannot work in ${
        dirname(path)
      }: ${path} ${why}. Make sure that nobody works there, delete ` +
        `${path}, and try again`,
    );
  }
}

async function find(path: string): Promise<Found | undefined> {
  const info = await lookAt(path);
  if (info === undefined) return undefined;
  if (!info.isFile) {
    throw new LeaseUnclear(path, "is no plain file, so it is no lease of the lab's");
  }
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readBounded(path, MAX_BYTES);
  } catch (error) {
    if (info.size > MAX_BYTES) {
      throw new LeaseUnclear(path, `has ${info.size} bytes, so it is no lease`);
    }
    throw error;
  }
  if (bytes === undefined) return undefined;
  const text = new TextDecoder().decode(bytes);
  return { text, age: Date.now() - (info.mtime?.getTime() ?? 0), ...holderOf(text) };
}

/** Whether a process of this host has the file locked; undefined on a disk without locks. */
async function isLocked(path: string): Promise<boolean | undefined> {
  try {
    using file = await Deno.open(path);
    return !await file.tryLock(false); // shared, so that two who ask do not see each other
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? false : undefined;
  }
}

async function isAlive(path: string, { age, holder }: Found): Promise<boolean> {
  const here = holder?.host === hostname();
  const locked = here ? await isLocked(path) : undefined;
  if (locked !== undefined) return locked;
  if (age < -STALE_MS) {
    const seconds = duration(-age / 1000);
    const who = holder ? ` of process ${holder.pid} on ${printable(holder.host)}` : "";
    throw new LeaseUnclear(
      path,
      `is dated ${seconds} in the future, so that the last sign of life${who} is not known; a clock ` +
        "is wrong, or the folder was copied",
    );
  }
  return age <= STALE_MS;
}

/** Another process holds the lease. */
export class LeaseHeld extends Error {}

function refusal(directory: string, { age, holder }: Found): LeaseHeld {
  const who = holder ? `process ${holder.pid} on ${printable(holder.host)}` : "another process";
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

/** Makes the file; it is locked before anybody can read who holds it. */
async function create(path: string, holder: Holder): Promise<Deno.FsFile> {
  const file = await Deno.open(path, { write: true, createNew: true });
  try {
    await file.tryLock(true).catch(() => {}); // a disk without locks: the heartbeat tells
    await file.write(new TextEncoder().encode(JSON.stringify(holder)));
    return file;
  } catch (error) {
    file.close();
    await Deno.remove(path).catch(() => {}); // created, but not written: a full disk
    throw error;
  }
}

/** The file, locked as long as it is open. */
async function acquire(directory: string, holder: Holder): Promise<Deno.FsFile> {
  const path = join(directory, LEASE_FILE);
  await Deno.mkdir(directory, { recursive: true });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      return await create(path, holder);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    // No lease is a link: one came with the folder, and what it leads to is none of ours.
    if ((await lookAt(path))?.isSymlink) await Deno.remove(path);
    const found = await find(path);
    if (found === undefined) continue;
    if (await isAlive(path, found)) throw refusal(directory, found);
    await clear(path, found);
  }
  throw refusal(directory, { text: "", age: 0 });
}

/** Tries again and again while another process holds the lease. */
async function waitFor(
  take: () => Promise<Deno.FsFile>,
  onWait: () => void,
  signal: AbortSignal | undefined,
): Promise<Deno.FsFile> {
  for (let attempt = 0;; attempt++) {
    signal?.throwIfAborted();
    try {
      return await take();
    } catch (error) {
      if (!(error instanceof LeaseHeld)) throw error;
      if (attempt === 0) onWait();
      await new Promise((done) => setTimeout(done, WAIT_MS));
    }
  }
}

/**
 * Works in a directory that no other process works in meanwhile.
 *
 * @param directory Made if it is not there. Its file `run.lock` holds the lease.
 * @param task Gets a signal that aborts with `options.signal`, or if the lease is lost: this
 * process was asleep for so long that another one took over.
 * @param options.signal The caller's own wish to stop.
 * @param options.heartbeat Milliseconds between signs of life. Default 10,000.
 * @param options.onWait Called once if another process holds the lease: then waits for its end
 * instead of refusing at once.
 * @param options.ownFolder Whether the directory is one of the lab's own, in which no output may lie.
 * @returns What the task returns.
 * @throws {Error} Naming the directory and the owner, if another process holds the lease or took it;
 * if the directory leads to where no output may be written.
 * @throws {DOMException} AbortError if the signal is aborted while it waits.
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@trusted-ai-lab/lab/assert";
 * const directory = await Deno.makeTempDir();
 * const inner = () => withLease(directory, () => Promise.resolve());
 * await withLease(directory, () => assertRejects(inner, Error, directory));
 * assertEquals([...Deno.readDirSync(directory)], []);
 * ```
 */
export async function withLease<T>(
  directory: string,
  task: (stop: AbortSignal) => Promise<T>,
  { signal, heartbeat = 10_000, onWait, ownFolder = false }: {
    readonly signal?: AbortSignal | undefined;
    readonly heartbeat?: number;
    readonly onWait?: () => void;
    readonly ownFolder?: boolean;
  } = {},
): Promise<T> {
  if (!ownFolder) await requireOutputFolder(directory);
  const path = join(directory, LEASE_FILE);
  const holder = { owner: crypto.randomUUID(), host: hostname(), pid: Deno.pid };
  const take = () =>
    acquire(directory, holder).catch((error) => {
      throw error instanceof LeaseHeld || error instanceof LeaseUnclear
        ? error
        : writeError(path, error);
    });
  const file = onWait ? await waitFor(take, onWait, signal) : await take();
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
    return await task(signal ? AbortSignal.any([signal, lost.signal]) : lost.signal);
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    clearInterval(beat);
    // One that cannot be removed ends by itself, and must not hide what the task said.
    if (await isMine().catch(() => false)) await Deno.remove(path).catch(() => {});
    file.close();
  }
}
