import { tf } from "./tf.ts";
import { attribute, defineOperation, nativeOps } from "./native_op.ts";

interface Settings {
  readonly epsilon: number;
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
  name: "BatchNormTraining",
  inputs: ["x", "scale", "offset"],
  savedInputs: ["x", "scale"],
  savedOutputs: [false, false, false, true, true, true],
  forward: ({ x, scale, offset }, { epsilon }) => {
    const empty = tf.tensor1d([]);
    return nativeOps(
      "FusedBatchNormV3",
      [...kernelAttributes(epsilon), attribute.float("exponential_avg_factor", 1)],
      [x!, scale!, offset!, empty, empty],
      6,
    );
  },
  gradient: ([dy], { inputs: { x, scale }, outputs }, { epsilon }) => {
    // One kernel gives all three gradients. It runs here, not inside a closure: each closure has a
    // tidy of its own, which would free the other two.
    const [dx, dScale, dOffset] = nativeOps(
      "FusedBatchNormGradV3",
      kernelAttributes(epsilon),
      [dy!, x!, scale!, ...outputs],
      5,
    );
    return { x: () => dx!, scale: () => dScale!, offset: () => dOffset! };
  },
});

/** Batch norm's output and the statistics of the batch. */
export interface BatchNormResult {
  /** [n, h, w, c]. */
  readonly y: tf.Tensor4D;
  /** [c], the mean over n, h and w. */
  readonly mean: tf.Tensor1D;
  /** [c], the unbiased variance (divisor count - 1), which the running variance is fed with. */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation with the statistics of the batch (Ioffe and Szegedy 2015):
 * `y = scale * (x - mean) / sqrt(biased variance + epsilon) + offset`, differentiable with respect
 * to x, scale and offset, by TensorFlow's native kernels in both directions.
 *
 * @param x [n, h, w, c].
 * @param scale [c] (gamma).
 * @param offset [c] (beta).
 * @returns Owned tensors.
 * @throws {RangeError} If n * h * w is 1: the variance of one value is undefined.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "../../tests/assert.ts";
 * import { tf } from "./tf.ts";
 * const x = tf.tensor4d([1, 3], [2, 1, 1, 1]);
 * const { y, variance } = batchNormTraining(x, tf.ones([1]), tf.zeros([1]));
 * assertAlmostEquals(y.dataSync()[1]!, 1, 1e-4);
 * assertAlmostEquals(variance.dataSync()[0]!, 2, 1e-5);
 * ```
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon = 1e-5,
): BatchNormResult {
  const [n, h, w] = x.shape;
  if (n * h * w < 2) {
    throw new RangeError(
      `Expected more than one value per channel for batch norm in training but found shape [${x.shape}]`,
    );
  }
  const [y, mean, variance, ...reserved] = operation({ x, scale, offset }, { epsilon });
  tf.dispose(reserved);
  return {
    y: y as tf.Tensor4D,
    mean: mean as tf.Tensor1D,
    variance: variance as tf.Tensor1D,
  };
}
