import { tf } from "../../../backend/tf.ts";
import { circleLoss } from "../../../losses/circle_loss.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import { featuresOf } from "./representation.ts";

/** The Circle Loss's scale; the result is divided by it, so that it is of the order of a risk. */
const GAMMA = 80;
/** As many as a batch of the training holds. */
const IMAGES_A_BATCH = 128;

/**
 * The Circle Loss (margin 0.4) of the first images' features over its scale: how far the classes are from
 * lying apart, the last term of the unified objective.
 *
 * @param p Predictions with features.
 * @param limit At most this number of images; whole batches alone where there is one.
 * @returns At least 0, the mean over batches.
 */
export function metricLoss(p: Predictions, limit: number): number {
  const features = featuresOf(p);
  const width = features.length / p.length;
  const n = Math.min(p.length, limit);
  const size = Math.min(n, IMAGES_A_BATCH);
  const losses: number[] = [];
  for (let start = 0; start + size <= n; start += size) {
    losses.push(tf.tidy(() => {
      const rows = features.subarray(start * width, (start + size) * width);
      const labels = Int32Array.from({ length: size }, (_, i) => p.labels[start + i]!);
      const embeddings = tf.tensor2d(rows, [size, width]);
      return circleLoss(embeddings, tf.tensor1d(labels, "int32"), { gamma: GAMMA }).dataSync()[0]!;
    }));
  }
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length / GAMMA;
}
