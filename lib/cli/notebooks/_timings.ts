import { z } from "zod";
import { writeAtomically } from "../../files/write_atomically.ts";

const Timings = z.record(z.string(), z.array(z.number()));

/** Seconds of each code cell by notebook, from the last complete run of the same kind. */
export type Timings = z.infer<typeof Timings>;

/** Reads remembered timings; none where there is no such file. */
export async function readTimings(path: string): Promise<Timings> {
  try {
    return Timings.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch {
    return {}; // only the estimate of the remaining time depends on it
  }
}

/** Remembers the timings of finished notebooks beside those of others. */
export async function rememberTimings(path: string, finished: Timings): Promise<void> {
  const timings = { ...await readTimings(path), ...finished };
  await writeAtomically(path, JSON.stringify(timings) + "\n");
}

/**
 * The seconds that remain.
 *
 * @param cells How many code cells each notebook has, in order.
 * @param finished Seconds of the cells finished so far, by notebook.
 * @param remembered Seconds of cells in an earlier run.
 * @param running Seconds that the running cell already took.
 * @param reported Seconds that the running cell itself says it still takes.
 * @returns Undefined while there is nothing to estimate from.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const cells = { a: 2, b: 1 };
 * assertEquals(remainingSeconds(cells, { a: [4] }, {}, 1), 7); // two cells at the mean of 4
 * assertEquals(remainingSeconds(cells, { a: [4] }, { a: [5, 10], b: [30] }, 1), 39);
 * assertEquals(remainingSeconds(cells, { a: [4] }, { a: [5, 10], b: [30] }, 1, 840), 870);
 * ```
 */
export function remainingSeconds(
  cells: Readonly<Record<string, number>>,
  finished: Timings,
  remembered: Timings,
  running: number,
  reported?: number,
): number | undefined {
  const done = Object.values(finished).flat();
  const mean = done.length > 0 ? done.reduce((a, b) => a + b) / done.length : undefined;
  const waiting = Object.entries(cells).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, cell) => remembered[name]?.[cell] ?? mean)
      .slice(finished[name]?.length ?? 0)
  );
  // What the running cell says of itself is worth more than what it took another time.
  const later = reported === undefined ? waiting : waiting.slice(1);
  if (later.some((estimate) => estimate === undefined)) return undefined;
  const sum = later.reduce((sum, estimate) => sum! + estimate!, 0)!;
  return reported === undefined ? Math.max(0, sum - running) : reported + sum;
}
