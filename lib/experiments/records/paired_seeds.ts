/** Two runs at the seeds that both have. */

interface Seeded {
  readonly seed: number;
}

/**
 * Pairs what two runs have at the same seed.
 *
 * @returns Pairs in the order of the first run's seeds; empty if no seed is shared.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const [zero, one, two] = [0, 1, 2].map((seed) => ({ seed }));
 * assertEquals(pairBySeed([zero!, one!], [one!, two!]), [[one!, one!]]);
 * ```
 */
export function pairBySeed<A extends Seeded, B extends Seeded>(
  first: readonly A[],
  second: readonly B[],
): [A, B][] {
  return first.flatMap((one): [A, B][] => {
    const other = second.find(({ seed }) => seed === one.seed);
    return other === undefined ? [] : [[one, other]];
  });
}
