import { join } from "node:path";
import { hostname } from "node:os";
import { LEASE_FILE, withLease } from "../../lib/files/lease.ts";
import { train } from "../../lib/train/train.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { killedRun } from "../train/killed_run.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";
import { start } from "./_survive_kill.ts";

const nothing = () => Promise.resolve();

/** A lease of somebody else, whose last sign of life was `age` seconds ago. */
async function leaseOf(directory: string, host: string, pid: number, age: number): Promise<void> {
  const path = join(directory, LEASE_FILE);
  await Deno.writeTextFile(path, JSON.stringify({ owner: "another", host, pid }));
  const then = new Date(Date.now() - 1000 * age);
  await Deno.utime(path, then, then);
}

Deno.test("a lease is refused while its owner lives elsewhere", () =>
  withFolder(async (directory) => {
    await leaseOf(directory, "elsewhere", 1, 50);
    const { message } = await assertRejects(() => withLease(directory, nothing), Error);
    assertStringIncludes(message, "process 1 on elsewhere");
    assertStringIncludes(message, directory);
  }));

Deno.test("an owner on this host that lives but slept for an hour keeps its lease", () =>
  withFolder((directory) =>
    withLease(directory, async () => {
      const then = new Date(Date.now() - 3_600_000);
      await Deno.utime(join(directory, LEASE_FILE), then, then);
      const { message } = await assertRejects(() => withLease(directory, nothing), Error);
      assertStringIncludes(message, `process ${Deno.pid} on ${hostname()}`);
    })
  ));

Deno.test("a dead owner's lease is taken: at once on this host, after a minute on another", () =>
  withFolder(async (directory) => {
    for (
      const [host, pid, age] of [
        [hostname(), 1, 1],
        ["elsewhere", 1, 61],
      ] as const
    ) {
      await leaseOf(directory, host, pid, age);
      assertEquals(await withLease(directory, () => Promise.resolve("done")), "done");
      assertEquals([...Deno.readDirSync(directory)], []);
    }
    await Deno.writeTextFile(join(directory, LEASE_FILE), ""); // killed while it was written
    const then = new Date(Date.now() - 61_000);
    await Deno.utime(join(directory, LEASE_FILE), then, then);
    await withLease(directory, nothing);
  }));

Deno.test("a lease is given back after an error, and renewed while the task runs", () =>
  withFolder(async (directory) => {
    await assertRejects(() => withLease(directory, () => Promise.reject(new Error("x"))), Error);
    assertEquals([...Deno.readDirSync(directory)], []);
    const path = join(directory, LEASE_FILE);
    await withLease(directory, async () => {
      const then = new Date(Date.now() - 30_000);
      await Deno.utime(path, then, then);
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert(Date.now() - (await Deno.stat(path)).mtime!.getTime() < 10_000);
    }, { heartbeat: 10 });
  }));

Deno.test("who has lost the lease is stopped and leaves the new owner's alone", () =>
  withFolder(async (directory) => {
    const { message } = await assertRejects(() =>
      withLease(directory, async (lost) => {
        await leaseOf(directory, "elsewhere", 1, 0);
        await new Promise((_, reject) => lost.addEventListener("abort", () => reject(lost.reason)));
      }, { heartbeat: 10 }), Error);
    assertStringIncludes(message, `took over ${directory}`);
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), [LEASE_FILE]);
  }));

Deno.test("a second process may not train in a directory in which another one trains", () =>
  withFolder(async (folder) => {
    const directory = join(folder, "run");
    const child = start("../train/killed_run.ts", [directory]);
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      if (text.includes("epoch 1")) break;
    }
    const second = () => train(tinyClassifier(1), { ...killedRun(), directory, resume: true });
    try {
      const { message } = await assertRejects(second, Error);
      assertStringIncludes(message, `process ${child.pid}`);
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
    await withLease(directory, nothing); // the killed owner's is taken at once
  }));

Deno.test("who waits for a lease works when it has ended, and may stop waiting", () =>
  withFolder(async (directory) => {
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} starts`);
      await new Promise((done) => setTimeout(done, 300));
      events.push(`${name} ends`);
    };
    let waits = 0;
    const onWait = () => waits++;
    await Promise.all(["a", "b"].map((name) => withLease(directory, work(name), { onWait })));
    const order = events[0] === "a starts" ? ["a", "b"] : ["b", "a"];
    assertEquals(events, order.flatMap((name) => [`${name} starts`, `${name} ends`]));
    assertEquals(waits, 1);
    await withLease(directory, async () => {
      const waiting = withLease(directory, nothing, { onWait, signal: AbortSignal.timeout(250) });
      await assertRejects(() => waiting, DOMException);
    });
  }));
