import type { Dataset } from "../../../data/dataset.ts";
import { firstImages } from "../../../data/first_images.ts";
import { firstPredictions } from "../../../metrics/first_predictions.ts";
import { mahalanobisScores } from "../../../metrics/mahalanobis_scores.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { collectPredictions } from "../../../train/collect_predictions.ts";
import type { Novelty, OutsideSet } from "../../records/predictions_file.ts";
import { evaluationName } from "../../records/run_paths.ts";

/** Training images whose features say where the classes lie. */
const FITTED_IMAGES = 5000;

/**
 * A model's answers to images of other data sets, with Mahalanobis scores of these and of the first of
 * its own test images. The scores are fitted on training images alone.
 *
 * @param train What the model was trained on.
 * @param inside Predictions with features on the own test split.
 * @param images At most this number of each data set, the own one included.
 */
export async function measureNovelty(
  model: Classifier,
  { train, inside, outside }: {
    readonly train: Dataset;
    readonly inside: Predictions;
    readonly outside: readonly Dataset[];
  },
  { images, batchSize, signal }: {
    readonly images: number;
    readonly batchSize: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Novelty> {
  const collect = { batchSize, features: true, signal };
  const fitted = await collectPredictions(model, firstImages(train, FITTED_IMAGES), collect);
  const sets: OutsideSet[] = [];
  for (const data of outside) {
    const chosen = firstImages(data, images);
    const predictions = await collectPredictions(model, chosen, collect);
    sets.push({
      name: evaluationName(data.name, data.split),
      predictions,
      mahalanobis: Float32Array.from(mahalanobisScores(fitted, predictions)),
    });
  }
  const own = firstPredictions(inside, Math.min(images, inside.length));
  return { inside: Float32Array.from(mahalanobisScores(fitted, own)), sets };
}
