import { tf } from "../../../backend/tf.ts";
import { batches } from "../../../data/batches.ts";
import type { Dataset } from "../../../data/dataset.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { forward } from "../../../nn/forward.ts";

/** Passes over the images; with momentum 0.1 the old statistics then weigh next to nothing. */
const LEAST_UPDATES = 60;

/**
 * Re-estimates batch norm's running statistics on unlabelled images (AdaBN, Li et al. 2016): training
 * passes without a loss, so no weight changes. The model's buffers are changed.
 *
 * @param model A classifier with batch norm.
 * @param images Of the new domain; their labels are not read. At least one batch.
 * @param options `batchSize` of the passes and `seed` of their order.
 */
export function adaptBatchNorm(
  model: Classifier,
  images: Dataset,
  { batchSize, seed }: { readonly batchSize: number; readonly seed: number },
): void {
  for (let updates = 0, pass = 0; updates < LEAST_UPDATES; pass++) {
    for (const { x, y } of batches(images, { batchSize, shuffle: true, seed: seed + pass })) {
      // A short last batch would give noisy statistics the same weight.
      if (x.shape[0] === Math.min(batchSize, images.length)) {
        tf.tidy(() => void forward(model, x, { training: true }));
        updates++;
      }
      tf.dispose([x, y]);
    }
  }
}
