import { throwIfInterrupted } from "../terminal/interrupt.ts";
import { generator } from "../random/generator.ts";
import { binSums } from "./_bin_sums.ts";
import { widthBin } from "./_calibration_bins.ts";
import { VARIANCE_AT_ZERO } from "./_debiased_size.ts";
import { debiasedError } from "./_debiased_calibration.ts";
import { shiftedNormalQuantile, shiftedNormalTail } from "./_distributions.ts";
import type { Outcomes } from "./outcomes.ts";

/** Bins of equal width, as many as `calibrationError` has by default. */
const BINS = 15;

/** How the images of two models are drawn. */
export interface Resampling {
  /** Whether row i is the same image on both sides. */
  readonly paired: boolean;
  /** Number of resamples. */
  readonly samples: number;
  /** Coverage of the interval. */
  readonly level: number;
  /** Seed of the draws. */
  readonly seed: number;
}

function binsOf({ confidence }: Outcomes): Uint8Array {
  return Uint8Array.from(confidence, (value) => widthBin(value, BINS));
}

/** Variance of the debiased difference over resamples of the images. */
function resampledVariance(
  [a, b]: readonly [Outcomes, Outcomes],
  [binsA, binsB]: readonly [Uint8Array, Uint8Array],
  { paired, samples, seed }: Resampling,
): number {
  const { integer } = generator(seed);
  const rows = new Uint32Array(a.confidence.length);
  const others = paired ? rows : new Uint32Array(b.confidence.length);
  const draw = (into: Uint32Array) => {
    for (let i = 0; i < into.length; i++) into[i] = integer(into.length);
  };
  let [mean, squares] = [0, 0];
  for (let s = 0; s < samples; s++) {
    throwIfInterrupted();
    draw(rows);
    if (!paired) draw(others);
    const difference = debiasedError(binSums(a, binsA, BINS, rows)).error -
      debiasedError(binSums(b, binsB, BINS, others)).error;
    // Welford's recurrence, which is exactly 0 for equal differences.
    const step = difference - mean;
    mean += step / (s + 1);
    squares += step * (difference - mean);
  }
  return samples < 2 ? 0 : squares / (samples - 1);
}

/** The sign of each bin's gap, given to its images. */
function signs(one: Outcomes, bins: Uint8Array): Float64Array {
  const { confidence, hits } = binSums(one, bins, BINS, one.confidence.map((_, i) => i));
  return Float64Array.from(bins, (b) => confidence[b]! >= hits[b]! ? 1 : -1);
}

const spread = (p: number) => Math.max(0, p * (1 - p));

/**
 * Variance of the difference of the signed gaps if confidence is the truth: where no prediction of a
 * sure model is wrong, resamples vary too little. Two models that predict the same class of an image
 * are right or wrong together; of two classes at most one is right.
 */
function assumedVariance(
  [a, b]: readonly [Outcomes, Outcomes],
  bins: readonly [Uint8Array, Uint8Array],
  paired: boolean,
): number {
  const [first, second] = [signs(a, bins[0]), signs(b, bins[1])];
  const [n, m] = [first.length, second.length];
  const own = (one: Outcomes) => one.confidence.reduce((sum, p) => sum + spread(p), 0);
  if (!paired) return own(a) / (n * n) + own(b) / (m * m);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const [p, q] = [a.confidence[i]!, b.confidence[i]!];
    const together = first[i]! * second[i]!;
    sum += a.predicted[i] === b.predicted[i]
      ? (2 - 2 * together) * spread((p + q) / 2)
      : spread(p) + spread(q) + 2 * together * p * q;
  }
  return Math.max(0, sum) / (n * n);
}

/**
 * The difference of two models' true calibration errors, with an interval.
 *
 * The centre is the difference of the debiased errors. Their bias depends on the unknown gaps but is
 * bounded, so the interval has the length with which a normal estimate whose expectation is off by the
 * whole bound still covers at the level (Armstrong and Kolesár 2020). The interval is valid whatever
 * the gaps are, and wider than nominal where the bias is small.
 */
export function calibrationDifference(
  a: Outcomes,
  b: Outcomes,
  how: Resampling,
): { difference: number; low: number; high: number; pValue: number } {
  const bins = [binsOf(a), binsOf(b)] as const;
  const [first, second] = ([[a, bins[0]], [b, bins[1]]] as const).map(([one, of]) =>
    debiasedError(binSums(one, of, BINS, one.confidence.map((_, i) => i)))
  );
  // The reported errors are cut at 0.
  const difference = Math.max(0, first!.error) - Math.max(0, second!.error);
  const variance = Math.max(
    resampledVariance([a, b], bins, how),
    VARIANCE_AT_ZERO * assumedVariance([a, b], bins, how.paired),
  );
  // Nothing is random: the two models answer alike, or are sure of all they say.
  if (variance === 0) {
    return { difference, low: difference, high: difference, pValue: difference === 0 ? 1 : 0 };
  }
  const deviation = Math.sqrt(variance);
  const shift = (first!.bias + second!.bias) / deviation;
  const half = deviation * shiftedNormalQuantile(shift, how.level);
  const centre = first!.error - second!.error;
  // The interval always holds the reported difference, so that 0 leaves it only on that side.
  const agrees = Math.sign(centre) === Math.sign(difference);
  return {
    difference,
    low: Math.max(-1, Math.min(difference, centre - half)),
    high: Math.min(1, Math.max(difference, centre + half)),
    pValue: agrees && centre !== 0 ? shiftedNormalTail(shift, Math.abs(centre) / deviation) : 1,
  };
}
