/** Looks at a model's input gradients before an attack relies on them. */
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import type { Batch, EvaluationLoop } from "./evaluation_loop.ts";
import { inputGradient, labelLoss } from "./_input_gradient.ts";
import type { MaskingCheck } from "./_masking_check.ts";

/** How many images of a batch have a gradient of exactly zero, or one that is not finite. */
function countDeadGradients(model: Classifier, { x, labels }: Batch): number {
  return tf.tidy(() => {
    const gradient = inputGradient(model, x, labelLoss(labels, model.classes));
    const largest = tf.max(tf.abs(gradient), [1, 2, 3]).dataSync<"float32">();
    return largest.reduce((dead, value) => dead + (value > 0 && Number.isFinite(value) ? 0 : 1), 0);
  });
}

/** The same model with a gradient of zero, for one whose gradient TensorFlow.js cannot compute. */
function withoutGradient(model: Classifier): Classifier {
  return {
    inputShape: model.inputShape,
    classes: model.classes,
    parameters: model.parameters,
    buffers: model.buffers,
    forward(x, options) {
      const { logits, features } = model.forward(x, options);
      const operation = tf.customGrad(() => ({
        value: logits.clone(),
        gradFunc: () => tf.zerosLike(x),
      }));
      return { logits: operation(x) as tf.Tensor2D, features };
    },
    dispose: () => model.dispose(),
  };
}

const REMEDY =
  "Gradient attacks cannot move these images. Look for saturated logits (apgd's loss " +
  '"dlr" is indifferent to their scale), rounding or a layer that stops the gradient; attack with square.';

/**
 * Checks the gradients of the images that the model gets right.
 *
 * @param tolerance The share of images that may be without a gradient.
 * @returns The check, and a model that can be attacked in any case.
 * @throws {RangeError} If the model gets no image right: there is nothing to attack.
 */
export async function probeGradients(
  loop: EvaluationLoop,
  tolerance: number,
): Promise<{ check: MaskingCheck; model: Classifier }> {
  const name = "gradients do not vanish";
  const clean = await loop.cleanCorrect();
  if (clean.length === 0) {
    throw new RangeError(
      `Expected the model to get at least one of ${loop.n} images right but found none: ` +
        "there is nothing to attack",
    );
  }
  let dead = 0;
  let failure: Error | undefined;
  await loop.visit(clean, (batch) => {
    if (failure) return; // one is enough: tfjs keeps the tensors of a failed gradient
    try {
      dead += countDeadGradients(loop.model, batch);
    } catch (error) {
      if (!(error instanceof Error) || !/gradient/i.test(error.message)) throw error;
      failure = error; // tfjs: x does not lead to the logits, or a kernel has no derivative
    }
  });
  if (failure !== undefined) {
    const detail = `of ${clean.length} images the gradient cannot be computed and counts as zero ` +
      `(${failure.message}). ${REMEDY}`;
    return { check: { name, passed: false, detail }, model: withoutGradient(loop.model) };
  }
  const found = `${dead} of ${clean.length} images have a gradient of zero`;
  const passed = dead <= tolerance * clean.length;
  const detail = passed ? found : `${found}. ${REMEDY}`;
  return { check: { name, passed, detail }, model: loop.model };
}
