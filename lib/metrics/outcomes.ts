import { requireInteger, requireParts } from "../arguments/require.ts";
import { confidenceRanks } from "./_confidence_rank.ts";
import { lazy } from "./lazy.ts";
import { requireLabels } from "./_require.ts";
import type { Predictions } from "./predictions.ts";

/** What each image came to. */
export interface Outcomes {
  /** N predicted classes. */
  readonly predicted: Int32Array;
  /** N largest probabilities. */
  readonly confidence: Float32Array;
  /** N times 1 where predicted equals the label, else 0. */
  readonly correct: Uint8Array;
  /** N ranks by log(1 - confidence) in double, 0 for the surest; computed at the first reading. */
  readonly rank: Uint32Array;
}

/** Under this key a resample carries outcomes already known; see `_resample.ts`. */
export const knownOutcomes: unique symbol = Symbol("known outcomes");

/** Predictions that may carry outcomes already known. */
export type PredictionsWithOutcomes = Predictions & { readonly [knownOutcomes]?: Outcomes };

/**
 * Requires sizes and labels that fit each other, for predictions that did not come from
 * `predictionsFromLogits`.
 *
 * @throws {RangeError} If N < 1, K < 2, a length does not match, or a label or probability is out of
 * range.
 */
export function requirePredictions(p: Predictions): void {
  // A resample's rows were checked in the predictions it was drawn from.
  if ((p as PredictionsWithOutcomes | undefined)?.[knownOutcomes] !== undefined) return;
  requireParts("predictions", p, "predictions", ["logits", "probabilities", "labels"]);
  requireInteger("predictions.length", p.length, { min: 1 });
  requireInteger("predictions.classes", p.classes, { min: 2 });
  const expected: [string, number, number][] = [
    ["logits", p.logits.length, p.length * p.classes],
    ["probabilities", p.probabilities.length, p.length * p.classes],
    ["labels", p.labels.length, p.length],
  ];
  for (const [name, found, wanted] of expected) {
    if (found !== wanted) {
      throw new RangeError(
        `Expected predictions.${name} to have length ${wanted} but found ${found}`,
      );
    }
  }
  requireLabels("predictions.labels", p.labels, p.classes);
  for (let j = 0; j < p.probabilities.length; j++) {
    const value = p.probabilities[j]!;
    // A softmax taken in float32 may exceed 1 by a rounding.
    if (!(value >= 0 && value <= 1 + 1e-6)) {
      throw new RangeError(
        `Expected predictions.probabilities to be in [0, 1] but found ${value} ` +
          `in row ${Math.floor(j / p.classes)}, column ${j % p.classes}`,
      );
    }
  }
}

/** The largest probability; the larger logit, then the lower class, decides between equal ones. */
function argmaxRow({ probabilities, logits }: Predictions, start: number, classes: number): number {
  let best = start;
  for (let j = start + 1; j < start + classes; j++) {
    const difference = probabilities[j]! - probabilities[best]!;
    // Float32 probabilities of close logits can be equal where the logits are not.
    if (difference > 0 || (difference === 0 && logits[j]! > logits[best]!)) best = j;
  }
  return best - start;
}

/**
 * Predicted class, confidence and correctness of each image.
 *
 * @throws {RangeError} If the predictions' parts do not fit each other.
 */
export function outcomes(p: Predictions): Outcomes {
  const known = (p as PredictionsWithOutcomes | undefined)?.[knownOutcomes];
  if (known !== undefined) return known;
  requirePredictions(p);
  const predicted = new Int32Array(p.length);
  const confidence = new Float32Array(p.length);
  const correct = new Uint8Array(p.length);
  for (let i = 0; i < p.length; i++) {
    const start = i * p.classes;
    const k = argmaxRow(p, start, p.classes);
    predicted[i] = k;
    confidence[i] = p.probabilities[start + k]!;
    correct[i] = k === p.labels[i] ? 1 : 0;
  }
  const rank = lazy(() => confidenceRanks(p, predicted));
  return {
    predicted,
    confidence,
    correct,
    get rank() {
      return rank();
    },
  };
}
