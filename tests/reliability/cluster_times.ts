/**
 * Times the quick matrix in one process and on local workers, one way after the other on the same
 * machine, and writes data/results/cluster.json. Half an hour on two cores; nothing else should run.
 */
import { join } from "node:path";
import { machine } from "../../lib/experiments/runs/provenance.ts";
import { experimentMatrix } from "../../lib/experiments/specs/matrix.ts";
import { checkoutRoot, publishedPaths } from "../../lib/experiments/records/run_paths.ts";
import { writeAtomically } from "../../lib/files/write_atomically.ts";

interface Way {
  readonly how: string;
  readonly flags: readonly string[];
}

const cores = navigator.hardwareConcurrency;
const ways: readonly Way[] = [
  { how: `in one process, ${cores} threads`, flags: [] },
  {
    how: "on 1 worker with 1 thread",
    flags: ["--local-workers", "1", "--threads", "1"],
  },
  {
    how: `on ${cores} workers with 1 thread each`,
    flags: ["--local-workers", String(cores), "--threads", "1"],
  },
];

async function timeOf({ how, flags }: Way): Promise<number> {
  const root = await Deno.makeTempDir({ prefix: "cluster-times-" });
  const begun = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--cwd", checkoutRoot(), "matrix", "--root", root, ...flags],
    env: { LAB_DATA: "" },
    stdout: "null",
  }).spawn().status;
  const seconds = (performance.now() - begun) / 1000;
  await Deno.remove(root, { recursive: true });
  if (!success) throw new Error(`The matrix ${how} failed`);
  console.log(`${how}: ${seconds.toFixed(0)} s`);
  return seconds;
}

const results = [];
for (const way of ways) results.push({ how: way.how, seconds: await timeOf(way) });
const runs = experimentMatrix("quick").length;
const content = {
  schema: 1,
  date: new Date().toISOString(),
  machine: machine(),
  runs,
  ways: results,
};
const path = join(publishedPaths(checkoutRoot()).results, "cluster.json");
await writeAtomically(path, JSON.stringify(content, null, 2) + "\n");
console.log(path);
