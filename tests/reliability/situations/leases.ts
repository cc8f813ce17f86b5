/** Leases that no living process of the lab left there. */
import { hostname } from "node:os";
import { join } from "node:path";
import { LEASE_FILE, withLease } from "../../../lib/files/lease.ts";
import { assertEquals, assertMatch, assertRejects } from "../../../lib/assert/mod.ts";
import { withFolder } from "../../experiments/synthetic_run.ts";
import { atOnce, type Situation, system } from "../_situation.ts";

const DAY = 86_400_000;

async function dated(path: string, text: string, ahead: number): Promise<void> {
  await Deno.writeTextFile(path, text);
  const then = new Date(Date.now() + ahead);
  await Deno.utime(path, then, then);
}

const lease = (host: string) => JSON.stringify({ owner: "another", host, pid: 1 });

/** Situations that only a person can judge; the message says what to delete. */
const unclear: readonly [name: string, make: (path: string) => Promise<unknown>][] = [
  ["is dated tomorrow, from another host", (path) => dated(path, lease("elsewhere"), DAY)],
  ["is dated in a year and empty", (path) => dated(path, "", 365 * DAY)],
  ["is a pipe", (path) => system("mkfifo", path)],
  ["is a folder", (path) => Deno.mkdir(path)],
  ["has 5 GB", async (path) => {
    await Deno.writeTextFile(path, "");
    await Deno.truncate(path, 5e9);
  }],
];

/** Leases from the future, and what is none. */
export const situations: readonly Situation[] = [
  ...unclear.map(([name, make]) => ({
    name: `run.lock ${name}`,
    run: () =>
      withFolder(async (folder) => {
        const path = join(folder, LEASE_FILE);
        await make(path);
        const work = () => atOnce(() => withLease(folder, () => Promise.resolve()));
        const { message } = await assertRejects(work, Error);
        assertMatch(message, /^Cannot work in /);
        assertEquals(message.includes(`delete ${path}`), true, message);
      }),
  })),
  {
    name: "run.lock is dated tomorrow, and its owner on this host is dead",
    run: () =>
      withFolder(async (folder) => {
        await dated(join(folder, LEASE_FILE), lease(hostname()), DAY);
        assertEquals(await withLease(folder, () => Promise.resolve("done")), "done");
      }),
  },
  {
    name: "run.lock names a host with control characters",
    run: () =>
      withFolder(async (folder) => {
        await dated(join(folder, LEASE_FILE), lease("\u001b[2J"), 0);
        const work = () => withLease(folder, () => Promise.resolve());
        const { message } = await assertRejects(work, Error);
        assertEquals(message.includes("\u001b"), false);
      }),
  },
];
