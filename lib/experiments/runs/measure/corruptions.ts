import { corrupt, corruptionNames } from "../../../data/corrupt.ts";
import type { Dataset } from "../../../data/dataset.ts";
import { firstImages } from "../../../data/first_images.ts";
import { brierScore } from "../../../metrics/brier_score.ts";
import { calibrationError } from "../../../metrics/calibration_error.ts";
import { negativeLogLikelihood } from "../../../metrics/negative_log_likelihood.ts";
import { outcomes } from "../../../metrics/outcomes.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { collectPredictions } from "../../../train/collect_predictions.ts";
import type { StoredCorruptions } from "../../records/schema.ts";
import type { AttackSettings } from "./attacks.ts";

/** From mild to strong. */
const severities = [1, 2, 3, 4, 5] as const;

/**
 * Accuracy and calibration on the first images of a dataset under every corruption of CIFAR-10-C and
 * severity.
 *
 * @param data Images of 32 x 32 x 3.
 * @param images How many of them.
 * @throws {DOMException} AbortError once the signal is aborted.
 */
export async function measureCorruptions(
  model: Classifier,
  data: Dataset,
  images: number,
  { options: { batchSize, bins }, seed, signal, onProgress }: AttackSettings,
): Promise<StoredCorruptions> {
  const chosen = firstImages(data, images);
  const results: StoredCorruptions["results"] = [];
  const total = corruptionNames.length * severities.length;
  for (const kind of corruptionNames) {
    for (const severity of severities) {
      onProgress(results.length / total, `${kind.replaceAll("_", " ")}, severity ${severity}`);
      const corrupted = corrupt(chosen, { kind, severity, seed });
      const p = await collectPredictions(model, corrupted, { batchSize, signal });
      results.push({
        kind,
        severity,
        correct: outcomes(p).correct.reduce((sum, flag) => sum + flag, 0),
        ece: calibrationError(p, { bins }),
        debiasedEce: calibrationError(p, { bins, debiased: true }),
        brier: brierScore(p),
        nll: negativeLogLikelihood(p),
      });
    }
  }
  return { n: chosen.length, results };
}
