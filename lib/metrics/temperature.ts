import { requireNumber } from "../arguments/require.ts";
import { requirePredictions } from "./outcomes.ts";
import { requireFinite } from "./_require.ts";
import { type Predictions, predictionsFromLogits } from "./predictions.ts";

/**
 * The range in which {@linkcode fitTemperature} searches. The lower end is what labels that the
 * logits separate perfectly give (no finite optimum: sharper is always better); the upper end is far
 * enough for logits of any usual scale and is what logits that mislead give.
 */
export const temperatureRange: { readonly min: number; readonly max: number } = Object.freeze({
  min: 1e-3,
  max: 1e6,
});

/** Whether a temperature is an end of {@linkcode temperatureRange}, and so no fitted value. */
export function isTemperatureBound(temperature: number): boolean {
  return temperature === temperatureRange.min || temperature === temperatureRange.max;
}

/** Slope and curvature, in the inverse temperature b, of the mean NLL of logits b z. */
function derivatives(p: Predictions, inverse: number): { slope: number; curvature: number } {
  const { logits, labels, classes, length } = p;
  let slope = 0;
  let curvature = 0;
  for (let i = 0; i < length; i++) {
    const start = i * classes;
    let largest = -Infinity;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[start + c]!);
    let mass = 0;
    let first = 0;
    let second = 0;
    for (let c = 0; c < classes; c++) {
      const score = logits[start + c]! - largest;
      const weight = Math.exp(inverse * score);
      mass += weight;
      first += weight * score;
      second += weight * score * score;
    }
    const mean = first / mass;
    slope += mean - (logits[start + labels[i]!]! - largest);
    curvature += second / mass - mean * mean;
  }
  return { slope: slope / length, curvature: curvature / length };
}

/** True if every image's logits are all equal: then every temperature fits alike. */
function isFlat({ logits, classes }: Predictions): boolean {
  return logits.every((value, i) => value === logits[i - (i % classes)]!);
}

/**
 * Fits the temperature T that minimises the mean NLL of softmax(logits / T) (Guo et al. 2017).
 *
 * The NLL is convex in b = 1/T, with slope mean(E_p[z] - z_y) and curvature mean(Var_p[z]); the zero
 * of the slope is found by Newton steps in log b, each kept inside a shrinking bracket. The result
 * lies in {@linkcode temperatureRange}: exactly its lower end if the logits separate the labels, its
 * upper end if they mislead (no b > 0 beats uniform probabilities), and 1 if every row is constant.
 *
 * @param p Predictions of a held-out split, never of the one on which the result is reported.
 * @returns T > 0; above 1 means over-confident logits.
 * @throws {RangeError} If a logit is not finite or the predictions' parts do not fit each other.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * // Three of four are right, so the best confidence is 0.75: a logit gap of log 3, here 6 / T.
 * const p = predictionsFromLogits(new Float32Array([6, 0, 6, 0, 6, 0, 6, 0]), [0, 0, 0, 1], 2);
 * assertAlmostEquals(fitTemperature(p), 6 / Math.log(3), 1e-9);
 * ```
 */
export function fitTemperature(p: Predictions): number {
  requirePredictions(p);
  requireFinite("predictions.logits", p.logits, p.classes);
  if (isFlat(p)) return 1;
  let low = -Math.log(temperatureRange.max);
  let high = -Math.log(temperatureRange.min);
  if (derivatives(p, Math.exp(high)).slope <= 0) return temperatureRange.min;
  if (derivatives(p, Math.exp(low)).slope >= 0) return temperatureRange.max;
  let logInverse = 0;
  for (let iteration = 0; iteration < 200 && high - low > 1e-13; iteration++) {
    const inverse = Math.exp(logInverse);
    const { slope, curvature } = derivatives(p, inverse);
    if (slope === 0) break;
    if (slope > 0) high = logInverse;
    else low = logInverse;
    const newton = logInverse + Math.log1p(Math.max(-0.999, -slope / (curvature * inverse)));
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - logInverse) < 1e-14) break;
    logInverse = next;
  }
  return Math.exp(-logInverse);
}

/**
 * Divides the logits by a temperature: confidence changes, the predicted class does not (short of
 * two logits that float32 rounding makes equal).
 *
 * @param p Predictions of N >= 1 images.
 * @param t Temperature > 0, e.g. from {@linkcode fitTemperature} on a held-out split.
 * @returns New predictions that share labels and features with `p`.
 * @throws {RangeError} If t is not a positive finite number, or so small that a logit overflows.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const p = predictionsFromLogits(new Float32Array([4, 2]), [0], 2);
 * assertEquals([...applyTemperature(p, 2).logits], [2, 1]);
 * ```
 */
export function applyTemperature(p: Predictions, t: number): Predictions {
  requireNumber("t", t, { min: 0, exclusiveMin: true });
  const scaled = predictionsFromLogits(p.logits.map((z) => z / t), p.labels, p.classes);
  return p.features === undefined ? scaled : { ...scaled, features: p.features };
}
