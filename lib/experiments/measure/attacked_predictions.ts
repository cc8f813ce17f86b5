import { tf } from "../../backend/tf.ts";
import { pgd } from "../../attacks/pgd.ts";
import { batches } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import { accuracy } from "../../metrics/accuracy.ts";
import { brierScore } from "../../metrics/brier_score.ts";
import { calibrationError } from "../../metrics/calibration_error.ts";
import { negativeLogLikelihood } from "../../metrics/negative_log_likelihood.ts";
import { type Predictions, predictionsFromLogits } from "../../metrics/predictions.ts";
import { riskCoverage } from "../../metrics/risk_coverage.ts";
import type { Classifier } from "../../nn/classifier.ts";
import { firstImages } from "../../train/_first_images.ts";
import type { AttackedResult } from "../evaluation.ts";
import type { EvaluationOptions } from "../run_spec.ts";
import { proportionOf } from "./figures.ts";
import { representationOf } from "./representation.ts";

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * A model's answers to PGD examples of all of the first images, those it had wrong included: what its
 * confidence is worth under attack.
 *
 * @param data The first `options.iterationImages` images are attacked, at `options.epsilon`.
 * @returns Predictions with features.
 * @throws {DOMException} AbortError once the signal is aborted.
 */
export async function attackedPredictions(
  model: Classifier,
  data: Dataset,
  { options, seed, signal }: {
    readonly options: EvaluationOptions;
    readonly seed: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Predictions> {
  const { batchSize, epsilon, attackSteps: steps, iterationImages } = options;
  const chosen = firstImages(data, Math.max(1, iterationImages));
  const logits: Float32Array[] = [];
  const features: Float32Array[] = [];
  let position = 0;
  for (const { x, y } of batches(chosen, { batchSize })) {
    const positions = Array.from({ length: x.shape[0] }, (_, i) => position + i);
    position += x.shape[0];
    const adversarial = pgd(model, x, y, { epsilon, steps, seed, positions });
    const outputs = tf.tidy(() => {
      const result = model.forward(adversarial, { training: false });
      return [result.logits, result.features];
    });
    logits.push(outputs[0]!.dataSync() as Float32Array);
    features.push(outputs[1]!.dataSync() as Float32Array);
    tf.dispose([x, y, adversarial, ...outputs]);
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
  }
  const labels = chosen.labels.slice();
  const predictions = predictionsFromLogits(concatenate(logits), labels, model.classes);
  return { ...predictions, features: concatenate(features) };
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
