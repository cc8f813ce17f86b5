import { throwIfInterrupted } from "../terminal/interrupt.ts";
import { isFiniteTensor } from "../backend/finite_probe.ts";
import { tf } from "../backend/tf.ts";
import { softmaxCrossEntropy } from "../backend/softmax_cross_entropy.ts";
import { targetDistribution } from "../losses/target_distribution.ts";
import { brokenGradient } from "./_requirements.ts";
import { requireFiniteLogits } from "./answers.ts";
import type { Classifier } from "../nn/classifier.ts";
import { forward } from "../nn/forward.ts";

/** Per-image losses [n] as a function of the logits. */
export type Objective = (logits: tf.Tensor2D) => tf.Tensor1D;

/** Cross entropy against fixed target distributions [n, classes]. */
export function crossEntropyObjective(targets: tf.Tensor2D): Objective {
  return (logits) => softmaxCrossEntropy(logits, targets);
}

/** Cross entropy against labels. */
export function labelLoss(labels: ArrayLike<number>, classes: number): Objective {
  return crossEntropyObjective(targetDistribution(labels, classes, 1, 0));
}

/**
 * The gradient of each image's loss in its own pixels, in eval mode. The summed loss has exactly
 * these gradients, since in eval mode no image sees another; their scale is free of the batch size.
 *
 * @returns An owned tensor of x's shape.
 * @throws {NotFiniteError} If a logit is not finite.
 */
export function inputGradient(
  model: Classifier,
  x: tf.Tensor4D,
  objective: Objective,
): tf.Tensor4D {
  const { logits, losses, gradient } = evaluateWithGradient(model, x, objective);
  tf.dispose([logits, losses]);
  return gradient;
}

/** What one forward (and backward) pass tells about a batch. All tensors are owned. */
export interface Evaluation {
  readonly logits: tf.Tensor2D;
  /** [n]. */
  readonly losses: tf.Tensor1D;
  readonly gradient?: tf.Tensor4D;
}

/** Requires finite logits: the sign of a gradient may hide that they are not. */
function requireAnswer(logits: tf.Tensor2D, x: tf.Tensor4D): void {
  try {
    requireFiniteLogits(logits.dataSync());
  } catch (error) {
    throw isFiniteTensor(x) ? error : brokenGradient(); // of the step before, which led to x
  }
}

/**
 * {@linkcode inputGradient} together with the logits and losses of the same pass.
 *
 * @returns Owned tensors.
 * @throws {NotFiniteError} If a logit is not finite.
 */
export function evaluateWithGradient(
  model: Classifier,
  x: tf.Tensor4D,
  objective: Objective,
): Required<Evaluation> {
  throwIfInterrupted();
  let logits: tf.Tensor2D | undefined;
  const lossOf = (pixels: tf.Tensor4D) => {
    // Kept: the tape's scope would free the logits before they can be read.
    logits = tf.keep(forward(model, pixels).logits);
    return objective(logits);
  };
  let found: { value: tf.Tensor; grad: tf.Tensor } | undefined;
  try {
    // A vector-valued function: the gradient starts from ones, which differentiates the sum.
    found = tf.valueAndGrad(lossOf as (x: tf.Tensor) => tf.Tensor)(x);
    requireAnswer(logits!, x);
    return {
      logits: logits!,
      losses: found.value as tf.Tensor1D,
      gradient: found.grad as tf.Tensor4D,
    };
  } catch (error) {
    logits?.dispose();
    if (found) tf.dispose([found.value, found.grad]);
    throw error;
  }
}

/**
 * {@linkcode evaluateWithGradient} of a model that answers at random: the gradient is the mean over
 * several passes, which estimates that of the expected loss (Athalye et al. 2018, expectation over
 * transformation); logits and losses are the last pass's, as in AutoAttack.
 *
 * @returns Owned tensors.
 */
export function evaluateOverPasses(
  model: Classifier,
  x: tf.Tensor4D,
  objective: Objective,
  passes: number,
): Required<Evaluation> {
  let last = evaluateWithGradient(model, x, objective);
  for (let pass = 1; pass < passes; pass++) {
    const next = evaluateWithGradient(model, x, objective);
    const gradient = tf.add<tf.Tensor4D>(last.gradient, next.gradient);
    tf.dispose([last.logits, last.losses, last.gradient, next.gradient]);
    last = { ...next, gradient };
  }
  if (passes === 1) return last;
  const gradient = tf.div<tf.Tensor4D>(last.gradient, passes);
  last.gradient.dispose();
  return { ...last, gradient };
}

/**
 * Logits and losses without a gradient.
 *
 * @returns Owned tensors.
 */
export function evaluate(model: Classifier, x: tf.Tensor4D, objective: Objective): Evaluation {
  return tf.tidy(() => {
    const { logits } = forward(model, x);
    return { logits, losses: objective(logits) };
  }) as Evaluation;
}
