/** How robust a model is while it trains, and whether that collapsed. */
import { tf } from "../backend/tf.ts";
import { predict } from "../attacks/answers.ts";
import { fgsm } from "../attacks/fgsm.ts";
import { type Norm, pgd } from "../attacks/pgd.ts";
import { batches } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Classifier } from "../nn/classifier.ts";
import { throwIfAborted } from "../terminal/interrupt.ts";
import { createPause } from "./_event_loop.ts";
import { firstImages } from "../data/first_images.ts";
import { percent } from "../format/percent.ts";

/** Validation images attacked after each epoch: the first ones in order. */
export const ROBUST_SAMPLE = 256;
/** As many where the accuracy on them chooses the best epoch. */
export const SELECTION_SAMPLE = 1000;
/** Steps of the PGD attack on them. */
export const ROBUST_STEPS = 10;

/** Accuracies (fractions) on the same sample. */
export interface RobustValidation {
  /** Under PGD-10 with a random start. */
  readonly robustAccuracy: number;
  /** Under one full gradient step (FGSM, or its l2 form); measured for one-step training only. */
  readonly fgsmAccuracy?: number;
}

/** How {@linkcode validateRobustness} attacks. */
export interface RobustValidationOptions {
  readonly epsilon: number;
  /** Default "linf". */
  readonly norm?: Norm | undefined;
  readonly seed: number;
  /** Measure the accuracy under one step too. */
  readonly withFgsm: boolean;
  /** Images attacked, or all where there are fewer. Default {@linkcode ROBUST_SAMPLE}. */
  readonly images?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

function countCorrect(model: Classifier, x: tf.Tensor4D, y: tf.Tensor1D): number {
  const labels = y.dataSync();
  return predict(model, x).reduce((sum, answer, image) => sum + +(answer === labels[image]), 0);
}

/** One gradient step of the whole budget from the image itself. */
function oneStep(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  { epsilon, norm }: { readonly epsilon: number; readonly norm: Norm },
): tf.Tensor4D {
  if (norm === "linf") return fgsm(model, x, y, { epsilon });
  return pgd(model, x, y, { epsilon, norm, steps: 1, stepSize: epsilon, randomStart: false });
}

/**
 * Accuracy of the model on the first validation images under PGD-10 and, on request, under one
 * full gradient step, each at the same budget and norm.
 *
 * @param model Left unchanged.
 * @returns Fractions; with few images a coarse signal, not a robustness claim.
 * @throws {NotFiniteError} If a logit or an input gradient is not finite.
 * @example
 * ```ts
 * import { assert } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "../data/load_dataset.ts";
 * import { resnet18 } from "../nn/resnet18.ts";
 * const data = await loadDataset("mnist", "test", { source: "procedural", limit: 4 });
 * const model = resnet18();
 * const options = { epsilon: 0.01, seed: 0, withFgsm: false };
 * const { robustAccuracy } = await validateRobustness(model, data, options);
 * assert(robustAccuracy >= 0 && robustAccuracy <= 1);
 * model.dispose();
 * ```
 */
export async function validateRobustness(
  model: Classifier,
  validation: Dataset,
  { epsilon, norm = "linf", seed, withFgsm, images = ROBUST_SAMPLE, signal }:
    RobustValidationOptions,
): Promise<RobustValidation> {
  const sample = firstImages(validation, images);
  const pause = createPause();
  const correct = { pgd: 0, fgsm: 0 };
  for (const { x, y } of batches(sample, { batchSize: 128 })) {
    try {
      throwIfAborted(signal);
      const strong = pgd(model, x, y, { epsilon, norm, steps: ROBUST_STEPS, seed });
      correct.pgd += countCorrect(model, strong, y);
      strong.dispose();
      if (withFgsm) {
        const weak = oneStep(model, x, y, { epsilon, norm });
        correct.fgsm += countCorrect(model, weak, y);
        weak.dispose();
      }
    } finally {
      tf.dispose([x, y]);
    }
    await pause();
  }
  const robustAccuracy = correct.pgd / sample.length;
  return withFgsm
    ? { robustAccuracy, fgsmAccuracy: correct.fgsm / sample.length }
    : { robustAccuracy };
}

/**
 * Recognises catastrophic overfitting of one-step training (Wong, Rice and Kolter 2020): the model
 * withstands the one-step attack it is trained on but not PGD. Reported when the accuracy under one
 * step is at least 20 points above that under PGD and at least twice it.
 *
 * @param epoch Named in the warning.
 * @param norm Of both attacks; the one step under linf is FGSM. Default "linf".
 * @returns The warning, or `undefined` if all is well.
 * @example
 * ```ts
 * import { assertEquals, assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * assertEquals(overfittingWarning(3, { robustAccuracy: 0.3, fgsmAccuracy: 0.35 }), undefined);
 * assertStringIncludes(overfittingWarning(3, { robustAccuracy: 0.01, fgsmAccuracy: 0.7 })!, "epoch 3");
 * ```
 */
export function overfittingWarning(
  epoch: number,
  { robustAccuracy, fgsmAccuracy }: RobustValidation,
  norm: Norm = "linf",
): string | undefined {
  if (fgsmAccuracy === undefined) return undefined;
  const collapsed = fgsmAccuracy - robustAccuracy >= 0.2 && fgsmAccuracy >= 2 * robustAccuracy;
  if (!collapsed) return undefined;
  return `Catastrophic overfitting in epoch ${epoch}: accuracy is ${percent(fgsmAccuracy)} under ` +
    `${norm === "linf" ? "FGSM" : "one L2 step"} but ${percent(robustAccuracy)} under ` +
    `PGD-${ROBUST_STEPS}. The model has learned to fool the one-step attack; train with attack ` +
    `"pgd" and several steps, a smaller epsilon or fewer epochs.`;
}
