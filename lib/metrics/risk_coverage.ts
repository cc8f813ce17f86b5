import { outcomes } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";

/** A risk-coverage curve and its areas. */
export interface RiskCoverage {
  /** Share of images answered at each operating point, rising to 1. */
  readonly coverage: Float64Array;
  /** Error rate among the images answered. */
  readonly risk: Float64Array;
  /** Area under the curve, in [0, 1]; smaller is better. */
  readonly aurc: number;
  /** aurc less that of an oracle that answers every right image before any wrong one. */
  readonly excessAurc: number;
  /** Area under the generalized curve, in [0, 1/2]; smaller is better. */
  readonly augrc: number;
}

/** Sorted keys, surest first; the lowest bit says "wrong". One native integer sort, no comparator. */
function sortedKeys(rank: Uint32Array, correct: Uint8Array): Uint32Array {
  return rank.map((place, i) => place * 2 + (1 - correct[i]!)).sort();
}

/** Area under the curve of a predictor with as many errors that ranks all of them last. */
function oracleArea(n: number, errors: number): number {
  let area = 0;
  for (let k = n - errors + 1; k <= n; k++) area += (k - (n - errors)) / k;
  return area / n;
}

/**
 * Risk of answering only the most confident images (El-Yaniv and Wiener 2010; Geifman et al. 2019).
 *
 * Images are ranked by log(1 - p) of the predicted class, from the logits in double precision: float32
 * probabilities tie at 1. There is one operating point per distinct value: all images at least that
 * confident are answered. aurc = (1/n) sum_k risk_k over the images in order of falling confidence, where an image
 * takes the risk at the end of its group of equal confidence, so the order of inputs cannot matter.
 * excessAurc = aurc - (1/n) sum_k max(0, k - (n - errors)) / k, the finite-sample oracle's area.
 *
 * augrc (Traub et al. 2024) is the area under the generalized risk, the share of all images that are
 * answered wrongly, over coverage, by trapezoids from (0, 0): a tied image counts half. It is the risk
 * that an answer is wrong averaged over all coverages, and does not weigh the few surest images as
 * much as aurc does: augrc = (1 - AUROC) acc (1 - acc) + (1 - acc)² / 2, with the accuracy and the
 * AUROC of confidence for right against wrong.
 *
 * @param p Predictions of n >= 1 images.
 * @returns The curve by rising coverage, and the areas.
 * @throws {RangeError} If a logit is not finite or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const logits = new Float32Array([3, 0, 2, 0, 1, 0, 1, 0]); // the last two are tied
 * const curve = riskCoverage(predictionsFromLogits(logits, [0, 0, 0, 1], 2));
 * assertEquals([...curve.coverage], [0.25, 0.5, 1]);
 * assertEquals([...curve.risk], [0, 0, 0.25]);
 * assertEquals(curve.aurc, (0 + 0 + 0.25 + 0.25) / 4);
 * assertEquals(curve.excessAurc, 0.125 - 0.25 / 4);
 * assertEquals(curve.augrc, (0 + 1 / 2) / 2 * (1 / 4) * 2 / 2);
 * ```
 */
export function riskCoverage(p: Predictions): RiskCoverage {
  const { rank, correct } = outcomes(p);
  const keys = sortedKeys(rank, correct);
  const n = keys.length;
  const coverage: number[] = [];
  const risk: number[] = [];
  let errors = 0;
  let area = 0;
  let generalizedArea = 0;
  let errorsBefore = 0;
  let groupStart = 0;
  for (let answered = 1; answered <= n; answered++) {
    const key = keys[answered - 1]!;
    errors += key & 1;
    if (answered < n && keys[answered]! >>> 1 === key >>> 1) continue;
    coverage.push(answered / n);
    risk.push(errors / answered);
    area += (answered - groupStart) * (errors / answered);
    generalizedArea += (answered - groupStart) * (errorsBefore + errors) / 2;
    groupStart = answered;
    errorsBefore = errors;
  }
  const aurc = area / n;
  return {
    coverage: Float64Array.from(coverage),
    risk: Float64Array.from(risk),
    aurc,
    excessAurc: aurc - oracleArea(n, errors),
    augrc: generalizedArea / (n * n),
  };
}
