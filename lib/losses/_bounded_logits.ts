import { tf } from "../backend/tf.ts";

/** Beyond this, differences of float32 logits could overflow, and so could their sum over a batch. */
const LARGEST_LOGIT = 1e30;

/**
 * Limits logits to +-1e30 so that every later difference is finite. The gradient passes straight
 * through (softmax is saturated there anyway), and NaN or infinite logits become NaN: a diverged
 * model must not look like a large loss.
 */
export function boundedLogits(logits: tf.Tensor2D): tf.Tensor2D {
  const operation = tf.customGrad((z) => ({
    value: tf.tidy(() => {
      const input = z as tf.Tensor2D;
      const limited = tf.clipByValue(input, -LARGEST_LOGIT, LARGEST_LOGIT);
      return tf.add(limited, tf.sub(input, input)); // z - z: 0, or NaN where z is not finite
    }),
    gradFunc: (dy: tf.Tensor) => dy.clone(),
  }));
  return operation(logits) as tf.Tensor2D;
}
