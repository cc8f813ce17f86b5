/** Metrics that are means over images: their intervals need one number an image, not its K scores. */
import type { Predictions } from "../../../metrics/predictions.ts";
import { centralInterval, type Interval } from "../../../metrics/quantile.ts";
import { generator } from "../../../random/generator.ts";
import { throwIfInterrupted } from "../../../terminal/interrupt.ts";

/** Resamples of every interval. */
export const RESAMPLES = 400;

/** A metric of each image by itself. */
export function ofEachImage(p: Predictions, metric: (p: Predictions) => number): Float64Array {
  const { logits, probabilities, labels, classes } = p;
  return Float64Array.from({ length: p.length }, (_, i) => {
    const [from, to] = [i * classes, (i + 1) * classes];
    return metric({
      logits: logits.subarray(from, to),
      probabilities: probabilities.subarray(from, to),
      labels: [labels[i]!],
      classes,
      length: 1,
    });
  });
}

/** 95 % percentile bootstrap interval of the mean (Efron 1979). */
export function meanInterval(values: Float64Array, seed: number): Interval {
  const { integer } = generator(seed);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    throwIfInterrupted();
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[integer(values.length)]!;
    return sum / values.length;
  });
  return centralInterval(means, 0.95);
}
