/**
 * Classifiers whose probabilities are known to be right: an image of class y gives each class k the
 * evidence z_k = m [k = y] + noise, and softmax(m z) is the posterior of y, so it is calibrated for any
 * m and any number of classes. A temperature or a distortion makes it miscalibrated by a known amount.
 */
import { type Predictions, predictionsFromLogits } from "../../lib/metrics/predictions.ts";
import type { Generator } from "../../lib/random/generator.ts";

/** One simulated model. */
export interface SimulatedModel {
  /** m: how much it sees; the larger, the surer. */
  readonly sharpness: number;
  /** Multiplies the logits: above 1 overconfident. Default 1. */
  readonly scale?: number;
  /** Replaces the confidence of the predicted class. */
  readonly distort?: (confidence: number) => number;
}

/** Predictions with the true probability of each predicted class. */
export interface Simulated {
  readonly p: Predictions;
  readonly truth: Float64Array;
}

const logit = (p: number) => Math.log(p / (1 - p));

/**
 * Draws the predictions of several models on the same n images.
 *
 * @param shared Correlation of the other models' noise with the first one's.
 */
export function simulate(
  { integer, normal }: Generator,
  models: readonly SimulatedModel[],
  { n, classes, shared }: { n: number; classes: number; shared: number },
): Simulated[] {
  const labels = new Int32Array(n).map(() => integer(classes));
  const noise = Float64Array.from({ length: n * classes }, () => normal());
  return models.map(({ sharpness, scale = 1, distort }, place) => {
    const logits = new Float32Array(n * classes);
    const truth = new Float64Array(n);
    const own = Math.sqrt(1 - shared * shared);
    for (let i = 0; i < n; i++) {
      const row = Float64Array.from({ length: classes }, (_, k) => {
        const common = noise[i * classes + k]!;
        const drawn = place === 0 || own === 0 ? common : shared * common + own * normal();
        return sharpness * ((k === labels[i] ? sharpness : 0) + drawn);
      });
      const best = row.indexOf(Math.max(...row));
      truth[i] = 1 / row.reduce((sum, z) => sum + Math.exp(z - row[best]!), 0);
      const shift = distort === undefined ? 0 : logit(distort(truth[i]!)) - logit(truth[i]!);
      row.forEach((z, k) => logits[i * classes + k] = scale * z + (k === best ? shift : 0));
    }
    return { p: predictionsFromLogits(logits, labels, classes), truth };
  });
}

/** The calibration error over 15 bins, with the true probabilities in place of labels. */
export function trueCalibrationError({ p, truth }: Simulated): number {
  const gaps = new Float64Array(15);
  for (let i = 0; i < p.length; i++) {
    const row = p.probabilities.subarray(i * p.classes, (i + 1) * p.classes);
    const confidence = row.reduce((high, value) => Math.max(high, value), 0);
    gaps[Math.max(0, Math.ceil(confidence * 15) - 1)]! += confidence - truth[i]!;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / p.length;
}
