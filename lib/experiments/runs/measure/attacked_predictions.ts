import { pgd } from "../../../attacks/pgd.ts";
import type { Dataset } from "../../../data/dataset.ts";
import { accuracy } from "../../../metrics/accuracy.ts";
import { brierScore } from "../../../metrics/brier_score.ts";
import { calibrationError } from "../../../metrics/calibration_error.ts";
import { negativeLogLikelihood } from "../../../metrics/negative_log_likelihood.ts";
import type { Predictions } from "../../../metrics/predictions.ts";
import { riskCoverage } from "../../../metrics/risk_coverage.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { collectPredictions } from "../../../train/collect_predictions.ts";
import type { AttackedResult } from "../../records/evaluation.ts";
import type { EvaluationOptions } from "../../specs/run_spec.ts";
import { proportionOf } from "./prediction_metrics.ts";
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

/** Calibration and geometry of the answers to attacked images. */
export function measureAttacked(p: Predictions, options: EvaluationOptions): AttackedResult {
  const { bins, epsilon, attackSteps: steps, mapImages } = options;
  return {
    attack: "pgd",
    epsilon,
    steps,
    ...proportionOf(Math.round(accuracy(p) * p.length), p.length),
    ece: calibrationError(p, { bins }),
    brier: brierScore(p),
    nll: negativeLogLikelihood(p),
    aurc: riskCoverage(p).aurc,
    representation: representationOf(p, Math.max(mapImages, 1)),
  };
}
