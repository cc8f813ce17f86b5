/** The calibration error without what it has from noise alone. */
import type { BinSums } from "./_bin_sums.ts";
import { biasBound, debiasedSize } from "./_debiased_size.ts";

/** An estimate of the l1 calibration error. */
export interface DebiasedError {
  /** The estimate; below 0 where accuracies are nearer to confidence than chance would have it. */
  readonly error: number;
  /** How far its expectation may be from the true error. */
  readonly bias: number;
}

/**
 * The l1 error with each bin's |gap| replaced by `debiasedSize`, in units of the gap's standard
 * deviation: the larger of that under perfect calibration and that of the observed accuracy, so that
 * a bin without an error is not taken as free of noise.
 */
export function debiasedError({ count, confidence, hits, variance }: BinSums): DebiasedError {
  let [error, bias, images] = [0, 0, 0];
  for (let b = 0; b < count.length; b++) {
    const n = count[b]!;
    if (n === 0) continue;
    images += n;
    const excess = confidence[b]! - hits[b]!;
    const observed = hits[b]! * (1 - hits[b]! / n);
    const noise = Math.sqrt(Math.max(variance[b]!, observed));
    if (noise === 0) {
      error += Math.abs(excess);
      continue;
    }
    error += noise * debiasedSize(excess / noise);
    const normality = (1 - 1 / n) * Math.sqrt(observed) / noise;
    bias += noise * biasBound(excess / noise, normality);
  }
  return { error: error / images, bias: bias / images };
}

/**
 * The l2 error's unbiased square sum_b (n_b / N) ((acc - conf)² - acc (1 - acc) / (n_b - 1)); a bin of
 * one image says nothing of its noise and counts as 0 (Kumar et al. 2019, section 5).
 */
export function unbiasedSquare({ count, confidence, hits }: BinSums): number {
  let [square, images] = [0, 0];
  for (let b = 0; b < count.length; b++) {
    const n = count[b]!;
    images += n;
    if (n < 2) continue;
    const accuracy = hits[b]! / n;
    const gap = accuracy - confidence[b]! / n;
    square += n * (gap * gap - accuracy * (1 - accuracy) / (n - 1));
  }
  return square / images;
}
