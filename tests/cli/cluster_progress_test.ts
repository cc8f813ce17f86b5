import { parseClusterEvent } from "../../lib/cli/matrix/_cluster_events.ts";
import { ClusterProgress, workOf } from "../../lib/cli/matrix/_cluster_progress.ts";
import { specById, withSeed } from "../../lib/experiments/specs/matrix.ts";
import { estimateWork } from "../../lib/experiments/runs/run_progress.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../../lib/assert/mod.ts";

const spec = specById("quick", "svhn-baseline");
const runs = [0, 1].map((seed) => ({
  name: `svhn-baseline-s${seed}`,
  directory: "",
  hash: "",
  encoder: null,
  spec: withSeed(spec, seed),
}));
const [first, second] = runs.map(({ name }) => name) as [string, string];

Deno.test("the share done and the time left follow the events of all workers", () => {
  let now = 0;
  const progress = new ClusterProgress(runs, () => now);
  assertEquals(progress.line(), "0 %  0 of 2 runs done, 0 being made  [0 s]");
  progress.take({ event: "started", run: first, worker: "a", threads: 1 });
  progress.take({ event: "started", run: second, worker: "b", threads: 1 });
  const { training } = estimateWork(spec);
  const fraction = 0.5 * workOf(runs[0]!) / training;
  for (const [run, worker] of [[first, "a"], [second, "b"]] as const) {
    progress.take({ event: "progress", run, worker, stage: "training", fraction, detail: "" });
  }
  now = 30_000;
  assertEquals(
    progress.line(),
    `50 %  0 of 2 runs done, 2 being made: ${first} 50 %, ${second} 50 %  [30 s, about 30 s left]`,
  );
  progress.take({ event: "finished", run: first, worker: "a", seconds: 30 });
  progress.take({ event: "lost", worker: "b" });
  progress.take({ event: "started", run: first, worker: "c", threads: 1 }); // it has ended
  assertEquals(
    progress.line(),
    "50 %  1 of 2 runs done, 0 being made  [30 s, about 30 s left]",
  );
  progress.take({ event: "failed", run: second, reason: "diverged" });
  assertStringIncludes(progress.line(), "100 %  2 of 2 runs done, 0 being made");
});

Deno.test("an event of another form is an error, not ignored", () => {
  for (
    const line of ['{"event":"finished","run":"a"}', '{"event":"unheard of"}', "{}", "no json"]
  ) {
    assertThrows(() => parseClusterEvent(line), Error);
  }
});
