import { randomUniform } from "../backend/random.ts";
import { tf } from "../backend/tf.ts";

/**
 * Zeroes each feature with the given probability and scales the others up to keep the mean.
 *
 * @param features [n, width].
 * @param probability In [0, 1).
 * @param seed Of the draw.
 * @returns An owned tensor of the same shape.
 * @internal
 */
export function dropped(
  features: tf.Tensor2D,
  probability: number,
  seed: number,
  ...keys: number[]
): tf.Tensor2D {
  return tf.tidy(() => {
    const kept = tf.greaterEqual(randomUniform(features.shape, seed, ...keys), probability);
    return tf.div(tf.mul(features, tf.cast(kept, "float32")), 1 - probability);
  });
}
