import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { forward } from "../nn/forward.ts";

/**
 * How much each pixel moves a class's score: the largest absolute derivative of its logit over the
 * pixel's channels, in eval mode (Simonyan, Vedaldi and Zisserman 2014).
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param label The class, in [0, classes).
 * @returns An owned tensor [n, height, width], >= 0.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * const model = linearClassifier([[1, -3], [0, 0]], { inputShape: [1, 2, 1] });
 * const map = saliency(model, tf.zeros([1, 1, 2, 1]), 0);
 * assertEquals([...map.dataSync()], [1, 3]);
 * ```
 */
export function saliency(model: Classifier, x: tf.Tensor4D, label: number): tf.Tensor3D {
  return tf.tidy(() => {
    const score = (pixels: tf.Tensor) => {
      const { logits } = forward(model, pixels as tf.Tensor4D);
      return tf.sum(tf.slice(logits, [0, label], [-1, 1])) as tf.Tensor;
    };
    return tf.max(tf.abs(tf.grad(score)(x)), 3);
  });
}
