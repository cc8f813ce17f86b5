import { generator } from "../random/generator.ts";

/** The independent streams of draws within a run. */
const STREAMS = { data: 1, dropout: 2, attack: 3, choice: 4, validation: 5 } as const;

/**
 * The seed of one use at one place of a run. Nothing carries over from batch to batch, so a
 * resumed run draws exactly what an uninterrupted one draws.
 *
 * @param seed The run's seed.
 * @param stream What the draw is for.
 * @param epoch Counts from 1.
 * @param batch Counts from 1; 0 for draws that belong to the whole epoch.
 * @returns An integer in [0, 2^31).
 * @example
 * ```ts
 * import { assertEquals, assertNotEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(seedFor(0, "dropout", 1, 2), seedFor(0, "dropout", 1, 2));
 * assertNotEquals(seedFor(0, "dropout", 1, 2), seedFor(0, "dropout", 2, 1));
 * ```
 */
export function seedFor(
  seed: number,
  stream: keyof typeof STREAMS,
  epoch: number,
  batch = 0,
): number {
  return generator(seed, STREAMS[stream], epoch, batch).integer(2 ** 31);
}
