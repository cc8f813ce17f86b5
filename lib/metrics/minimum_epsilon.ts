import { requireInteger, requireList, requireNumber } from "../arguments/require.ts";
import { requireCorrect } from "./_correct.ts";

/** One row of a sweep: an attack's per-image results at one epsilon. */
export interface SweepPoint {
  /** Budget in pixel units, at least 0. */
  readonly epsilon: number;
  /** N times 1 (predicted right) or 0. */
  readonly correct: ArrayLike<number>;
}

/**
 * The smallest epsilon of a sweep at which each image is predicted wrong. An image lost at one
 * epsilon counts as lost at every larger one, also where the attack there happened to fail: a
 * larger box contains the smaller one.
 *
 * @param sweep One attack's rows, in any order, on the same N images.
 * @returns N epsilons; `Infinity` for an image that withstood all of the sweep.
 * @throws {RangeError} If the sweep is empty, repeats an epsilon, N differs, or a value is out of
 * range.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const sweep = [{ epsilon: 0, correct: [1, 0, 1] }, { epsilon: 0.1, correct: [0, 1, 1] }];
 * assertEquals([...minimumEpsilon(sweep)], [0.1, 0, Infinity]);
 * ```
 */
export function minimumEpsilon(sweep: readonly SweepPoint[]): Float64Array {
  requireList("sweep", sweep);
  requireInteger("sweep.length", sweep.length, { min: 1 });
  const n = sweep[0]!.correct.length;
  const smallest = new Float64Array(n).fill(Infinity);
  const seen = new Set<number>();
  for (const [s, { epsilon, correct }] of sweep.entries()) {
    requireNumber(`sweep[${s}].epsilon`, epsilon, { min: 0 });
    if (seen.has(epsilon)) {
      throw new RangeError(
        `Expected each epsilon once but found ${epsilon} again in sweep[${s}]; ` +
          `pass one attack's rows at a time`,
      );
    }
    seen.add(epsilon);
    requireCorrect(`sweep[${s}].correct`, correct, n);
    for (let i = 0; i < n; i++) {
      if (correct[i] === 0 && epsilon < smallest[i]!) smallest[i] = epsilon;
    }
  }
  return smallest;
}
