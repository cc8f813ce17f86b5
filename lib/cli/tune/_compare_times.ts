import { tf } from "../../backend/tf.ts";

/** A faster candidate replaces the shipped one only if it takes this share of its time or less. */
const CLEARLY_FASTER = 0.95;

/** Milliseconds of each candidate. */
export type Times<Name extends string> = ReadonlyMap<Name, number>;

function firstQuartile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)]!;
}

/**
 * Times candidates in turns, so that whatever else the machine does befalls all of them.
 *
 * @param candidates What each computes; its tensors are freed.
 * @param rounds How often each is called, after one call to warm up.
 * @returns The first quartile of each's milliseconds: what else runs only ever adds to a time.
 */
export function timesOf<Name extends string>(
  candidates: ReadonlyMap<Name, () => unknown>,
  rounds: number,
): Times<Name> {
  const samples = new Map([...candidates.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, compute] of candidates) {
      const start = performance.now();
      tf.tidy(() => void compute());
      if (round > 0) samples.get(name)!.push(performance.now() - start);
    }
  }
  return new Map([...samples].map(([name, values]) => [name, firstQuartile(values)]));
}

/**
 * The fastest candidate; the shipped one unless another is clearly faster.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const times = new Map([["a", 1], ["b", 0.97], ["c", 0.9]]);
 * assertEquals(fastest(times, "a"), "c");
 * assertEquals(fastest(times, "b"), "c");
 * assertEquals(fastest(new Map([["a", 1], ["b", 0.97]]), "a"), "a");
 * ```
 */
export function fastest<Name extends string>(times: Times<Name>, shipped: Name): Name {
  const [name, time] = [...times].reduce((best, one) => one[1] < best[1] ? one : best);
  const present = times.get(shipped);
  return present === undefined || time < CLEARLY_FASTER * present ? name : shipped;
}
