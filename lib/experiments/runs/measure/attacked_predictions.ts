import { pgd } from "../../../attacks/pgd.ts";
import type { Dataset } from "../../../data/dataset.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { collectPredictions } from "../../../train/collect_predictions.ts";
import type { NewEvaluationFile } from "../../records/schema.ts";
import type { EvaluationOptions } from "../../specs/run_spec.ts";
import { representationOf } from "./representation.ts";

/**
 * A model's answers to PGD examples of all of the first images, those it had wrong included: what its
 * confidence is worth under attack.
 *
 * @param data The first `options.iterationImages` images are attacked, at `options.epsilon`.
 * @returns Predictions with features.
 * @throws {DOMException} AbortError once the signal is aborted.
 */
export function attackedPredictions(
  model: Classifier,
  data: Dataset,
  { options, seed, signal }: {
    readonly options: EvaluationOptions;
    readonly seed: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Predictions> {
  const { batchSize, epsilon, attackSteps: steps, iterationImages } = options;
  return collectPredictions(model, data, {
    batchSize,
    limit: Math.max(1, iterationImages),
    features: true,
    perturb: (x, y, positions) => pgd(model, x, y, { epsilon, steps, seed, positions }),
    signal,
  });
}

/** What of the answers to attacked images is stored beside their logits. */
export function attackedSummary(
  p: Predictions,
  { epsilon, attackSteps: steps, mapImages }: EvaluationOptions,
): NonNullable<NewEvaluationFile["underAttack"]> {
  return {
    attack: "pgd",
    epsilon,
    steps,
    representation: representationOf(p, Math.max(mapImages, 1)),
  };
}
