/** Two runs at the seeds that both have. */

interface Origin {
  readonly provenance: { readonly kernels?: string | undefined };
}

/** A run, or an evaluation of one. */
type Seeded = { readonly seed: number } & (Origin | { readonly metrics: Origin });

/** The kernel table of a run; undefined where an older record does not name it. */
export function kernelsOf(run: Seeded): string | undefined {
  return ("metrics" in run ? run.metrics : run).provenance.kernels;
}

/**
 * Pairs what two runs have at the same seed, made with the same kernel table: with another one the
 * same seed gives other bits, and a difference is no longer the settings' alone.
 *
 * @returns Pairs in the order of the first run's seeds; empty if no seed is shared.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const run = (seed: number, kernels: string) => ({ seed, provenance: { kernels } });
 * const [zero, one, two] = [0, 1, 2].map((seed) => run(seed, "x86-64"));
 * assertEquals(pairBySeed([zero!, one!], [one!, two!]), [[one!, one!]]);
 * assertEquals(pairBySeed([zero!, one!], [run(1, "tuned-0123abcd")]), []);
 * ```
 */
export function pairBySeed<A extends Seeded, B extends Seeded>(
  first: readonly A[],
  second: readonly B[],
): [A, B][] {
  return first.flatMap((one): [A, B][] => {
    const other = second.find((candidate) =>
      candidate.seed === one.seed && kernelsOf(candidate) === kernelsOf(one)
    );
    return other === undefined ? [] : [[one, other]];
  });
}
