import { tf } from "../../lib/backend/tf.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";

/**
 * A linear softmax classifier on the pixels, for which attacks have closed forms.
 *
 * @param weights One row of [height * width * channels] weights per class.
 */
export function linearModel(
  weights: readonly (readonly number[])[],
  inputShape: readonly [number, number, number] = [1, 1, weights[0]!.length],
): Classifier {
  const weight = tf.variable(tf.transpose(tf.tensor2d(weights.map((row) => [...row]))));
  return {
    inputShape,
    classes: weights.length,
    parameters: new Map([["fc.weight", weight as tf.Variable]]),
    buffers: new Map(),
    forward(x) {
      const features = tf.reshape(x, [x.shape[0], -1]) as tf.Tensor2D;
      return { logits: tf.matMul<tf.Tensor2D>(features, weight as tf.Tensor2D), features };
    },
    dispose: () => weight.dispose(),
  };
}
