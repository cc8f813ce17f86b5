import { clusterBlock, makespan } from "../../../lib/cli/readme/_cluster.ts";
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "../../../lib/assert/mod.ts";
import fc from "fast-check";

const bench = {
  machine: { cpu: "a processor", threads: 2 },
  rows: [{ name: "training step, SGD", ours: 1000 }],
};

Deno.test("at double the speed everything takes half the time", () => {
  const minutes = (speed: number) => {
    const text = clusterBlock({ ...bench, rows: [{ ...bench.rows[0]!, ours: speed }] });
    const cells = text.split("\n").find((line) => line.startsWith("| full "))!.split("|");
    return cells.slice(4, 8).map((cell) => Number.parseFloat(cell));
  };
  const [slow, fast] = [minutes(10), minutes(20)];
  slow.forEach((value, k) => assert(Math.abs(value - 2 * fast[k]!) <= 0.11, `${value} ${fast[k]}`));
});

Deno.test("the makespan lies between its lower bounds and the mean load plus the longest job", () => {
  const jobs = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 40 });
  fc.assert(fc.property(jobs, fc.integer({ min: 1, max: 40 }), (durations, workers) => {
    const total = durations.reduce((sum, one) => sum + one, 0);
    const least = Math.max(total / workers, ...durations);
    const found = makespan(durations, workers);
    // Graham 1969: no list schedule takes longer than the mean load and one job.
    return found >= least - 1e-9 && found <= total / workers + Math.max(...durations);
  }));
  assertEquals(makespan([3, 3, 2, 2, 2], 2), 7); // Graham's example: the best is 6
});

Deno.test("wall times of a cluster stand in the block where they were measured", () => {
  const ways = [{ how: "in one process, 2 threads", seconds: 100.4 }];
  const text = clusterBlock(bench, { schema: 1, machine: "m", runs: 23, ways });
  assertStringIncludes(text, "| in one process, 2 threads | 100 s |");
  assert(!clusterBlock(bench).includes("wall time"));
  assertThrows(() => clusterBlock(bench, { schema: 2 }));
  assertThrows(() => clusterBlock({ ...bench, rows: [] }), RangeError, "training step, SGD");
});
