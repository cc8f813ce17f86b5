/** Runs made on a Dask cluster: what comes back, what is survived, what is refused. */
import { join } from "node:path";
import type { ClusterEvent } from "../../lib/cli/matrix/_cluster_events.ts";
import { type ClusterSettings, runOnDask, type TlsFiles } from "../../lib/cli/matrix/_dask.ts";
import { runOnCluster } from "../../lib/cli/matrix/run_on_cluster.ts";
import { experimentMatrix, withSeed } from "../../lib/experiments/specs/matrix.ts";
import { planRuns } from "../../lib/experiments/runs/plan_runs.ts";
import { checkoutRoot } from "../../lib/experiments/records/run_paths.ts";
import type { RunSpec } from "../../lib/experiments/specs/run_spec.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { tiny } from "../experiments/tiny_spec.ts";
import { python, TestCluster } from "./_dask.ts";

const lab = checkoutRoot();
const quiet = { show() {}, keep() {}, stop() {} };
const named = (id: string) => tiny(experimentMatrix("quick").find((spec) => spec.id === id)!);
const [baseline, cifar] = [named("svhn-baseline"), named("cifar-base")];

function settings(scheduler: string, tls: TlsFiles = {}): ClusterSettings {
  return { place: { scheduler, tls }, workerLab: lab, python, threads: 1 };
}

/** What a run came to, without the clock: file names to contents. */
async function contentsOf(directory: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for await (const { name } of Deno.readDir(directory)) {
    if (/tfevents|SHA256SUMS|training_history.csv|last.safetensors/.test(name)) continue;
    contents[name] = (await Deno.readTextFile(join(directory, name)).catch(async () =>
      String(await crypto.subtle.digest("SHA-256", await Deno.readFile(join(directory, name))))
    )).replaceAll(/"(seconds|imagesPerSecond|evaluationSeconds|finished)": [^,\n]*/g, "");
  }
  return contents;
}

/** The same runs in a process of their own, with as many kernel threads. */
async function makeHere(root: string, specs: readonly RunSpec[]): Promise<void> {
  for (const spec of specs) {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--cwd", lab, "train", "--spec", JSON.stringify(spec), "--root", root],
      env: { TF_NUM_INTRAOP_THREADS: "1", LAB_DATA: "", NO_COLOR: "1" },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  }
}

async function directoriesOf(root: string): Promise<string[]> {
  const folder = join(root, "data", "runs", "quick");
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
    .filter((name) => name !== "logs").sort();
}

Deno.test("a killed worker loses and doubles nothing; the runs are those of one process", () =>
  withFolder(async (folder) => {
    const [root, here] = [join(folder, "cluster"), join(folder, "here")];
    await using cluster = await TestCluster.start(folder);
    cluster.addWorker("a");
    const specs = [baseline, cifar].flatMap((spec) => [0, 1].map((seed) => withSeed(spec, seed)));
    let killed = false;
    const line = {
      ...quiet,
      show(text: string) {
        if (killed || !/1 being made: \S+ [1-9]/.test(text)) return;
        killed = true; // in the middle of a run; another worker joins
        void cluster.killWorker("a").then(() => cluster.addWorker("b"));
      },
    };
    const results = await runOnCluster(specs, {
      root,
      line,
      cluster: settings(cluster.address, cluster.tls),
    });
    assert(killed, "no worker was killed while it made a run");
    assertEquals(
      results.map(({ record: { id, seed }, cached }) => [id, seed, cached]),
      specs.map(({ id, seed }) => [id, seed, false]),
    );
    assertEquals((await directoriesOf(root)).length, 4);
    assertEquals([...Deno.readDirSync(join(root, "data", "runs"))].map((one) => one.name), [
      "quick",
    ]);

    await makeHere(here, [specs[1]!, specs[2]!]);
    for (const name of await directoriesOf(here)) {
      const [one, other] = await Promise.all(
        [root, here].map((at) => contentsOf(join(at, "data", "runs", "quick", name))),
      );
      assertEquals(one, other, name);
    }

    const again = await runOnCluster(specs, {
      root,
      line: quiet,
      cluster: settings("tcp://127.0.0.1:1"), // nothing is missing: nobody is asked
    });
    assertEquals(again.map(({ cached }) => cached), [true, true, true, true]);
    const log = await Deno.readTextFile(
      join(root, "data", "runs", "quick", "logs", "svhn-baseline-s0.log"),
    );
    assertStringIncludes(log, "deno run -q --no-prompt -P=experiments lib/cli/train.ts '--spec'");
    assertStringIncludes(log, "1 kernel threads");
  }));

Deno.test("results come back from a worker that shares no disk", () =>
  withFolder(async (folder) => {
    const [root, other] = [join(folder, "root"), join(folder, "other")];
    await using cluster = await TestCluster.start(folder);
    cluster.addWorker("a");
    const [run] = await planRuns([baseline], { root });
    const events: ClusterEvent[] = [];
    const work = { runs: [{ ...run!, work: 1 }], lab, root, data: null, workerRoot: other };
    for await (const event of runOnDask(work, settings(cluster.address, cluster.tls))) {
      events.push(event);
    }
    assertEquals(events.at(-1)?.event, "finished", JSON.stringify(events.at(-1)));
    assert(events.some((event) => event.event === "ready" && !event.shared));
    const [mine, theirs] = await Promise.all(
      [root, other].map((at) => contentsOf(join(at, run!.directory))),
    );
    assertEquals(mine, theirs);
    const [result] = await runOnCluster([baseline], {
      root,
      line: quiet,
      cluster: settings("tcp://127.0.0.1:1"),
    });
    assertEquals(result!.cached, true);
  }));

Deno.test("a stop ends the runs on the cluster, and what was begun goes on later", () =>
  withFolder(async (root) => {
    await using cluster = await TestCluster.start(root);
    cluster.addWorker("a");
    const long = { ...baseline, train: { ...baseline.train, epochs: 2000 } };
    const stop = new AbortController();
    const line = {
      ...quiet,
      show: (text: string) => /1 being made: \S+ [1-9]/.test(text) ? stop.abort() : undefined,
    };
    const options = {
      root,
      line,
      signal: stop.signal,
      cluster: settings(cluster.address, cluster.tls),
    };
    await assertRejects(() => runOnCluster([long, cifar], options), DOMException);
    const [directory] = await directoriesOf(root);
    const files = [...Deno.readDirSync(join(root, "data", "runs", "quick", directory!))]
      .map(({ name }) => name);
    assert(files.includes("last.safetensors") && !files.includes("run.lock"), files.join(" "));
  }));

Deno.test("a run that fails is told with its log, and the others are made", () =>
  withFolder(async (root) => {
    const wild = { ...baseline, train: { ...baseline.train, learningRate: 1e30 } };
    const failed: string[] = [];
    const results = await runOnCluster([wild, cifar], {
      root,
      line: quiet,
      cluster: { place: { localWorkers: 1 }, workerLab: lab, python },
      onFailure: ({ id }, { message }) => failed.push(`${id}: ${message}`),
    });
    assertEquals(results.map(({ record }) => record.id), ["cifar-base"]);
    assertEquals(failed.length, 1);
    assertStringIncludes(failed[0]!, "diverged");
    assertStringIncludes(failed[0]!, join("logs", "svhn-baseline-s0.log"));
  }));

Deno.test("a scheduler that nobody answers for is told with how to start one", () =>
  withFolder(async (root) => {
    const cluster = { ...settings("tcp://127.0.0.1:1"), connectSeconds: 2 };
    const error = await assertRejects(
      () => runOnCluster([baseline], { root, line: quiet, cluster }),
      Error,
      "tcp://127.0.0.1:1",
    );
    assertStringIncludes(error.message, "dask scheduler");
  }));

Deno.test("workers without the lab, without set-up or with other code are refused", () =>
  withFolder(async (root) => {
    await using cluster = await TestCluster.start(root);
    cluster.addWorker("a");
    const other = join(root, "lab");
    const refusal = async (workerLab: string, says: string) => {
      const place = { ...settings(cluster.address, cluster.tls), workerLab };
      const error = await assertRejects(
        () => runOnCluster([baseline], { root, line: quiet, cluster: place }),
        Error,
        says,
      );
      assertStringIncludes(error.message, "worker tls://127.0.0.1");
    };
    await refusal(other, `there is no lab in ${other}`);
    await Deno.mkdir(join(other, "lib"), { recursive: true });
    await Deno.writeTextFile(join(other, "deno.json"), "{}");
    await refusal(other, "is not set up: run `deno task setup --for binding`");
    await Deno.mkdir(join(other, ".cache", "setup"), { recursive: true });
    await Deno.writeTextFile(join(other, ".cache", "setup", "binding.json"), "{}");
    await refusal(other, "differs from this one's");
    assertEquals(await Deno.stat(join(root, "data", "runs", "quick")).catch(() => null), null);
  }));

/** Runs some Python that knows the client's functions. */
async function inPython(program: string) {
  const { code, stdout, stderr } = await new Deno.Command(python, {
    args: ["-c", `import sys; sys.path.insert(0, "lib/cli/matrix")\n${program}`],
    cwd: lab,
    env: { PYTHONDONTWRITEBYTECODE: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("another Python or another distributed on the cluster is named with both versions", async () => {
  const { stdout, stderr } = await inPython(`
from dask_client import Refusal, require_same_versions

def versions(python, distributed):
    return {"host": {"python": python}, "packages": {"distributed": distributed}}

class Client:
    def __init__(self, scheduler, worker):
        self.answer = {
            "client": versions("3.11.2.final.0", "2026.8.0"),
            "scheduler": scheduler,
            "workers": {"tcp://1.2.3.4:5": worker},
        }
    def get_versions(self, check):
        return self.answer

same = versions("3.11.9.final.0", "2026.8.0")
for scheduler, worker in [
    (same, same),
    (versions("3.11.2", "2024.1.0"), same),
    (same, versions("3.12.0", "2026.8.0")),
]:
    try:
        require_same_versions(Client(scheduler, worker))
        print("fits")
    except Refusal as refusal:
        print(refusal)
`);
  const [fits, scheduler, worker] = stdout.split("\n");
  assertEquals(fits, "fits", stderr);
  assertStringIncludes(scheduler!, "the scheduler has distributed 2024.1.0, this side 2026.8.0");
  assertStringIncludes(worker!, "worker tcp://1.2.3.4:5 has Python 3.12, this side 3.11");
  assertStringIncludes(worker!, "--python");
});

Deno.test("a Python without distributed, or none, is told", () =>
  withFolder(async (root) => {
    const program = join(root, "python");
    // Isolated and without site packages: there is no distributed for it.
    await Deno.writeTextFile(program, `#!/bin/sh\nexec "${python}" -I -S "$@"\n`, { mode: 0o755 });
    for (
      const [name, says] of [[program, "has no package `distributed`"], [
        join(root, "none"),
        "--python",
      ]] as const
    ) {
      const cluster = { ...settings("tcp://127.0.0.1:1"), python: name };
      const make = () => runOnCluster([baseline], { root, line: quiet, cluster });
      await assertRejects(make, Error, says);
    }
  }));
