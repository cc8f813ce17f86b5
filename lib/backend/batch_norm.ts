import type { tf } from "./tf.ts";
import { type Library, sizeOf } from "./kernel_choices.ts";
import { kernelTable } from "./kernel_table.ts";
import { defineOperation } from "./_define_operation.ts";
import { attribute, nativeOps } from "./native_op.ts";
import { oneDnnOps } from "./onednn.ts";

interface Settings {
  readonly epsilon: number;
  readonly momentum: number;
  /** Of both kernels: what one leaves for the gradient, the other's cannot read. */
  readonly library: Library;
}

function kernelAttributes(epsilon: number) {
  return [
    attribute.float32("T"),
    attribute.float32("U"),
    attribute.float("epsilon", epsilon),
    attribute.string("data_format", "NHWC"),
    attribute.bool("is_training", true),
  ];
}

const operation = defineOperation<Settings>({
  forward: ({ x, scale, offset, mean, variance }, { epsilon, momentum, library }) => {
    const run = library === "onednn" ? oneDnnOps : nativeOps;
    const [y, newMean, newVariance, ...reserved] = run(
      "FusedBatchNormV3",
      [...kernelAttributes(epsilon), attribute.float("exponential_avg_factor", momentum)],
      [x!, scale!, offset!, mean!, variance!],
      6,
    );
    return { outputs: [y!, newMean!, newVariance!], saved: [x!, scale!, ...reserved] };
  },
  gradient: ([dy], [x, scale, ...reserved], { epsilon, library }) => {
    const run = library === "onednn" ? oneDnnOps : nativeOps;
    // One kernel gives all three gradients. It runs here, not inside a closure: each closure has a
    // tidy of its own, which would free the other two.
    const [dx, dScale, dOffset] = run(
      "FusedBatchNormGradV3",
      kernelAttributes(epsilon),
      [dy!, x!, scale!, ...reserved],
      5,
    );
    return { x: () => dx!, scale: () => dScale!, offset: () => dOffset! };
  },
});

/** A batch norm layer's parameters and running statistics, each [c]. */
export interface BatchNormState {
  readonly scale: tf.Tensor;
  readonly offset: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** Batch norm's output and the new running statistics. */
export interface BatchNormResult {
  /** [n, h, w, c]. */
  readonly y: tf.Tensor4D;
  /** [c]: (1 - momentum) mean + momentum * (mean over n, h and w). */
  readonly mean: tf.Tensor;
  /** [c], likewise, with the unbiased variance (divisor count - 1) as PyTorch. */
  readonly variance: tf.Tensor;
}

/**
 * Batch normalisation with the statistics of the batch (Ioffe and Szegedy 2015):
 * `y = scale * (x - mean) / sqrt(biased variance + epsilon) + offset`, differentiable with respect
 * to x, scale and offset, by TensorFlow's native kernels in both directions.
 *
 * @param x [n, h, w, c].
 * @param state Parameters and running statistics; nothing in it is changed.
 * @param options.momentum Weight of the new value in the running statistics. Default 0.1.
 * @param options.epsilon Added to the variance. Default 1e-5.
 * @param options.library Whose kernels. Default: the kernel table's choice.
 * @returns Owned tensors.
 * @throws {RangeError} If n * h * w is 1: the variance of one value is undefined.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "./tf.ts";
 * const x = tf.tensor4d([1, 3], [2, 1, 1, 1]);
 * const [zero, one] = [tf.zeros([1]), tf.ones([1])];
 * const state = { scale: one, offset: zero, mean: zero, variance: one };
 * const result = batchNormTraining(x, state);
 * assertAlmostEquals(result.y.dataSync()[1]!, 1, 1e-4);
 * assertAlmostEquals(result.variance.dataSync()[0]!, 0.9 * 1 + 0.1 * 2, 1e-5);
 * ```
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  state: BatchNormState,
  { momentum = 0.1, epsilon = 1e-5, library = kernelTable().batchNorm[sizeOf(x.size)] }: {
    momentum?: number;
    epsilon?: number;
    library?: Library;
  } = {},
): BatchNormResult {
  const [n, h, w] = x.shape;
  if (n * h * w < 2) {
    throw new RangeError(
      `Expected more than one value per channel for batch norm in training but found shape [${x.shape}]`,
    );
  }
  const { scale, offset, mean: oldMean, variance: oldVariance } = state;
  const inputs = { x, scale, offset, mean: oldMean, variance: oldVariance };
  const [y, mean, variance] = operation(inputs, { epsilon, momentum, library });
  return { y: y as tf.Tensor4D, mean: mean!, variance: variance! };
}
