import { requireNumber } from "../arguments/require.ts";
import type { Predictions } from "./predictions.ts";
import { riskCoverage } from "./risk_coverage.ts";

/**
 * Accuracy on the most confident images when at least a share `coverage` must be answered:
 * 1 - risk at the first operating point whose coverage is at least the one asked (1e-12 slack for
 * rounding). Images that {@linkcode riskCoverage} cannot rank apart are answered together, so more may
 * be answered than asked.
 *
 * @param p Predictions of N >= 1 images.
 * @param coverage A fraction in (0, 1]; 1 gives the accuracy.
 * @returns A fraction in [0, 1].
 * @throws {RangeError} If coverage is out of range or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([3, 0, 1, 0]), [0, 1], 2);
 * assertEquals(selectiveAccuracy(p, 0.5), 1);
 * assertEquals(selectiveAccuracy(p, 1), 0.5);
 * ```
 */
export function selectiveAccuracy(p: Predictions, coverage: number): number {
  requireNumber("coverage", coverage, { min: 0, exclusiveMin: true, max: 1 });
  const curve = riskCoverage(p);
  // The last point has coverage 1, so one is always found.
  const point = curve.coverage.findIndex((reached) => reached >= coverage - 1e-12);
  return 1 - curve.risk[point]!;
}
