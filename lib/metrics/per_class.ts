import { confusionMatrix } from "./confusion.ts";
import type { Predictions } from "./predictions.ts";

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/**
 * Share of each class's images that are predicted right (the class's recall).
 *
 * @param p Predictions of N >= 1 images in K classes.
 * @returns K fractions in [0, 1]; NaN for a class without an image.
 * @throws {RangeError} If the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([2, 1, 0, 0, 3, 0]), [0, 0], 3);
 * assertEquals(perClassAccuracy(p), [0.5, NaN, NaN]);
 * ```
 */
export function perClassAccuracy(p: Predictions): number[] {
  return confusionMatrix(p).map((row, k) => row[k]! / sum(row));
}

/** One class's part of the risk. */
export interface ClassRisk {
  /** The class k. */
  readonly label: number;
  /** Images of class k. */
  readonly count: number;
  /** p(y = k): the class's share of all images. */
  readonly prior: number;
  /** R_k: the class's error rate; NaN for a class without an image. */
  readonly risk: number;
  /** p(y = k) R_k; 0 for a class without an image. */
  readonly contribution: number;
}

/**
 * Splits the 0-1 risk by class: R = sum over k of p(y = k) R_k (law of total expectation).
 *
 * @param p Predictions of N >= 1 images in K classes.
 * @returns The total risk, equal to 1 - accuracy, and its K parts in class order.
 * @throws {RangeError} If the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const logits = new Float32Array([1, 0, 0, 1, 1, 0, 0, 1]);
 * const { total, classes } = classRiskDecomposition(predictionsFromLogits(logits, [0, 0, 0, 1], 2));
 * assertEquals(total, 0.25);
 * assertEquals(classes[0], { label: 0, count: 3, prior: 0.75, risk: 1 / 3, contribution: 0.25 });
 * ```
 */
export function classRiskDecomposition(
  p: Predictions,
): { total: number; classes: ClassRisk[] } {
  const classes = confusionMatrix(p).map((row, label) => {
    const count = sum(row);
    const wrong = count - row[label]!;
    // wrong / N is prior x risk, also where the class is absent and its risk is undefined.
    const contribution = wrong / p.length;
    return { label, count, prior: count / p.length, risk: wrong / count, contribution };
  });
  return { total: sum(classes.map((one) => one.contribution)), classes };
}
