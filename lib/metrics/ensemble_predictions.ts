import { requireInteger, requireList } from "../arguments/require.ts";
import { requirePredictions } from "./outcomes.ts";
import type { Predictions } from "./predictions.ts";
import { predictionsFromProbabilities } from "./predictions_from_probabilities.ts";

function requireSameImages(list: readonly Predictions[]): void {
  const [first, ...others] = list;
  requirePredictions(first!);
  others.forEach((one, i) => {
    requirePredictions(one);
    const name = `list[${i + 1}]`;
    if (one.length !== first!.length || one.classes !== first!.classes) {
      throw new RangeError(
        `Expected ${name} to have the ${first!.length} images and ${first!.classes} classes of ` +
          `list[0] but found ${one.length} and ${one.classes}`,
      );
    }
    for (let j = 0; j < one.length; j++) {
      if (one.labels[j] === first!.labels[j]) continue;
      throw new RangeError(
        `Expected ${name}.labels to be those of list[0], the same images in the same order, but ` +
          `found ${one.labels[j]} instead of ${first!.labels[j]} at ${j}`,
      );
    }
  });
}

/**
 * Combines several models' predictions on the same images by the mean of their probabilities: a deep
 * ensemble for models trained with different seeds (Lakshminarayanan et al. 2017), Monte Carlo dropout
 * for one model drawn several times (Gal and Ghahramani 2016).
 *
 * @param list At least one model's predictions, each on the same N images in the same order.
 * @returns Predictions with the mean probabilities, and their logarithms as logits; no features.
 * @throws {TypeError} If list is no list.
 * @throws {RangeError} If list is empty, or sizes or labels differ.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { predictionsFromLogits } from "./predictions.ts";
 * const sure = predictionsFromLogits(new Float32Array([Math.log(9), 0]), [0], 2);
 * const unsure = predictionsFromLogits(new Float32Array([0, 0]), [0], 2);
 * assertAlmostEquals(ensemblePredictions([sure, unsure]).probabilities[0]!, 0.7, 1e-6);
 * ```
 */
export function ensemblePredictions(list: readonly Predictions[]): Predictions {
  requireList("list", list);
  requireInteger("list.length", list.length, { min: 1 });
  requireSameImages(list);
  const { labels, classes, probabilities: { length } } = list[0]!;
  const sums = new Float64Array(length);
  for (const { probabilities } of list) {
    for (let j = 0; j < length; j++) sums[j]! += probabilities[j]!;
  }
  return predictionsFromProbabilities(sums.map((sum) => sum / list.length), labels, classes);
}
