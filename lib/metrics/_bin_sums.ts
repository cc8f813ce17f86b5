import type { Outcomes } from "./outcomes.ts";

/** Sums over the images of each bin of confidence. */
export interface BinSums {
  /** Images. */
  readonly count: Float64Array;
  /** Sum of the confidences. */
  readonly confidence: Float64Array;
  /** Right predictions. */
  readonly hits: Float64Array;
  /** Sum of confidence (1 - confidence): the variance of hits if confidence is the truth. */
  readonly variance: Float64Array;
}

/**
 * Sums over bins.
 *
 * @param binOf The bin of each image.
 * @param images Images to sum over, in this order; repeats count again.
 */
export function binSums(
  { confidence, correct }: Pick<Outcomes, "confidence" | "correct">,
  binOf: ArrayLike<number>,
  bins: number,
  images: ArrayLike<number>,
): BinSums {
  const [count, sum, hits, variance] = Array.from({ length: 4 }, () => new Float64Array(bins));
  for (let i = 0; i < images.length; i++) {
    const image = images[i]!;
    const b = binOf[image]!;
    const value = confidence[image]!;
    count![b]! += 1;
    sum![b]! += value;
    hits![b]! += correct[image]!;
    // A softmax taken in float32 may exceed 1 by a rounding.
    variance![b]! += Math.max(0, value * (1 - value));
  }
  return { count: count!, confidence: sum!, hits: hits!, variance: variance! };
}
