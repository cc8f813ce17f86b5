import { tf } from "../../../backend/tf.ts";
import { batches } from "../../../data/batches.ts";
import type { Dataset } from "../../../data/dataset.ts";
import { crossEntropy } from "../../../losses/cross_entropy.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { forward } from "../../../nn/forward.ts";

/**
 * Mean over images of ||grad_x CE(f(x), y)||_2, in eval mode: how steep the loss is in the pixels.
 *
 * @param data N >= 1 images; all are used.
 */
export function inputGradientNorm(model: Classifier, data: Dataset, batchSize: number): number {
  let total = 0;
  for (const { x, y } of batches(data, { batchSize })) {
    const norms = tf.tidy(() => {
      const loss = (pixels: tf.Tensor) =>
        crossEntropy(forward(model, pixels as tf.Tensor4D).logits, y, { reduction: "sum" });
      return tf.sum(tf.norm(tf.grad(loss)(x).reshape([x.shape[0], -1]), 2, 1));
    });
    total += norms.dataSync()[0]!;
    tf.dispose([x, y, norms]);
  }
  return total / data.length;
}
