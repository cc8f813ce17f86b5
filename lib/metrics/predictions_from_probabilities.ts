import { requireRows } from "./_require.ts";
import type { Predictions } from "./predictions.ts";

/** How far the sum of a row may be from 1. */
const SLACK = 1e-4;
/** The smallest normal float32 is 1.2e-38; a logit has to be finite where a probability is 0. */
const SMALLEST = 1e-38;

function requireDistributions(probabilities: ArrayLike<number>, classes: number): void {
  for (let start = 0; start < probabilities.length; start += classes) {
    const row = start / classes;
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      const value = probabilities[start + k]!;
      if (!(value >= 0 && value <= 1 + SLACK)) {
        throw new RangeError(
          `Expected probabilities to be in [0, 1] but found ${value} in row ${row}, column ${k}`,
        );
      }
      sum += value;
    }
    if (Math.abs(sum - 1) > SLACK) {
      throw new RangeError(
        `Expected each row of probabilities to sum to 1 within ${SLACK} but found ${sum} in row ` +
          `${row}: divide each row by its sum, or use predictionsFromLogits for raw scores`,
      );
    }
  }
}

/**
 * Builds predictions from probabilities of any origin, such as a random forest or the mean of several
 * models. The logits are log(max(p, 1e-38)), so that metrics of logits apply as well.
 *
 * @param probabilities N x K, row-major; each row in [0, 1] and with a sum of 1 within 1e-4. Values
 * above 1 by rounding become 1; float32 values that need no change are kept, not copied.
 * @param labels N whole numbers in [0, K); kept, not copied.
 * @param classes K, at least 2.
 * @returns The predictions, without features.
 * @throws {TypeError} If probabilities is neither a Float32Array nor a Float64Array.
 * @throws {RangeError} If classes < 2, N is 0, a length does not match, a value is outside [0, 1], a
 * row does not sum to 1, or a label is out of range.
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@trusted-ai-lab/lab/assert";
 * const p = predictionsFromProbabilities(new Float32Array([0.75, 0.25, 0, 1]), [0, 1], 2);
 * assertEquals([...p.probabilities], [0.75, 0.25, 0, 1]);
 * assertAlmostEquals(p.logits[0]!, Math.log(0.75), 1e-7);
 * assertAlmostEquals(p.logits[2]!, Math.log(1e-38), 1e-5);
 * ```
 */
export function predictionsFromProbabilities(
  probabilities: Float32Array | Float64Array,
  labels: ArrayLike<number>,
  classes: number,
): Predictions {
  if (!(probabilities instanceof Float32Array || probabilities instanceof Float64Array)) {
    throw new TypeError(
      `Expected probabilities to be a Float32Array or a Float64Array but found ${typeof probabilities}`,
    );
  }
  requireRows("probabilities", probabilities, labels, classes);
  requireDistributions(probabilities, classes);
  const kept = probabilities instanceof Float32Array && probabilities.every((value) => value <= 1);
  return {
    logits: Float32Array.from(probabilities, (value) => Math.log(Math.max(value, SMALLEST))),
    probabilities: kept ? probabilities : Float32Array.from(probabilities, (p) => Math.min(p, 1)),
    labels,
    classes,
    length: labels.length,
  };
}
