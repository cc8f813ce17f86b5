/** One optimisation step: objective, gradients, update. */
import { finiteProbe } from "../backend/finite_probe.ts";
import { tf } from "../backend/tf.ts";
import { circleLoss } from "../losses/circle_loss.ts";
import { crossEntropy } from "../losses/cross_entropy.ts";
import { labelSmoothingCrossEntropy } from "../losses/label_smoothing.ts";
import { tradesLoss } from "../losses/trades.ts";
import type { Classifier, ForwardOptions } from "../nn/classifier.ts";
import { forward } from "../nn/forward.ts";
import { clipGradients, gradientNorm } from "./_clip_gradients.ts";
import type { Optimizer } from "./optimizers.ts";
import type { TrainSettings } from "./options.ts";

/** What one step trains on. */
export interface TrainBatch {
  /** What the model sees: the images or their perturbed copy. */
  readonly x: tf.Tensor4D;
  readonly y: tf.Tensor1D;
  /** TRADES' perturbed copy, trained on beside `x`. */
  readonly partner?: tf.Tensor4D | undefined;
  /** Seed of dropout's draw. */
  readonly seed: number;
}

/** Everything a step needs to know of its run. */
export interface StepContext {
  readonly model: Classifier;
  readonly settings: TrainSettings;
  readonly optimizer: Optimizer;
  /** The parameters that are trained, under their names. */
  readonly trained: ReadonlyMap<string, tf.Variable>;
  readonly frozen: (parameter: string) => boolean;
}

/** A batch's values from before its update. */
export interface StepResult {
  readonly loss: number;
  readonly correct: number;
  /** What is NaN or infinite, e.g. "a gradient"; then no update was made. */
  readonly notFinite: string | undefined;
}

/** Up to this many numbers all gradients are checked at every step; see {@linkcode gradientProbe}. */
const PROBED_SIZE = 65536;

/** What a step looks at, in the order in which trouble spreads; see {@linkcode StepResult}. */
const PROBES = ["a running statistic", "a logit or a feature", "the loss", "a gradient"] as const;

/** The trained objective of a batch, the logits it came from, and all that the model returned. */
function objective(
  { model, settings, frozen }: StepContext,
  { x, y, partner, seed }: TrainBatch,
): { loss: tf.Scalar; logits: tf.Tensor2D; outputs: tf.Tensor[] } {
  const mode: ForwardOptions = { training: true, seed, frozen };
  const { logits, features } = forward(model, x, mode);
  const outputs: tf.Tensor[] = [logits, features];
  const { labelSmoothing: smoothing, circle, adversarial } = settings;
  let loss: tf.Tensor;
  if (partner && adversarial) {
    const robust = forward(model, partner, mode);
    outputs.push(robust.logits, robust.features);
    loss = tradesLoss(logits, robust.logits, y, { beta: adversarial.beta });
  } else if (smoothing > 0) loss = labelSmoothingCrossEntropy(logits, y, { smoothing });
  else loss = crossEntropy(logits, y);
  if (circle) {
    const { weight, margin, gamma } = circle;
    loss = tf.add(loss, tf.mul(circleLoss(features, y, { margin, gamma }), weight));
  }
  return { loss: loss.asScalar(), logits, outputs };
}

/**
 * 0 if the probed gradients are finite, else NaN. In a large model only vectors are probed (every
 * batch norm and bias of a ResNet): they sit downstream of everything, so trouble shows there, and
 * reading all eleven million numbers would cost a few percent of each step. Whatever slips through is
 * caught at the epoch's end, before a checkpoint is written.
 */
function gradientProbe(gradients: readonly tf.Tensor[]): tf.Scalar {
  const vectors = gradients.filter(({ rank }) => rank === 1);
  const size = gradients.reduce((sum, gradient) => sum + gradient.size, 0);
  return finiteProbe(size <= PROBED_SIZE || vectors.length === 0 ? gradients : vectors);
}

/** Gradients under the parameters' names, beside the loss and the count of right answers. */
function lossAndGradients(
  context: StepContext,
  batch: TrainBatch,
): { values: tf.Tensor1D; gradients: tf.NamedTensorMap } {
  const names = new Map([...context.trained].map(([name, { name: id }]) => [id, name]));
  return tf.tidy(() => {
    let correct: tf.Tensor | undefined;
    let activations: tf.Scalar | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const { loss, logits, outputs } = objective(context, batch);
      // variableGrads disposes everything but its gradients.
      activations = tf.keep(finiteProbe(outputs));
      correct = tf.keep(tf.sum(tf.equal(tf.argMax(logits, 1), batch.y)));
      return loss;
    }, [...context.trained.values()]);
    const gradients: tf.NamedTensorMap = {};
    for (const [id, gradient] of Object.entries(grads)) {
      // A parameter that the loss does not depend on has no gradient and gets no update.
      if (gradient) gradients[names.get(id)!] = gradient;
    }
    const buffers = [...context.model.buffers.values()];
    const values = tf.stack([
      tf.cast(correct!, "float32").asScalar(),
      buffers.length === 0 ? tf.scalar(0) : finiteProbe(buffers),
      activations!,
      value,
      gradientProbe(Object.values(gradients)),
    ]) as tf.Tensor1D;
    tf.dispose([correct!, activations!]);
    return { values, gradients };
  });
}

/**
 * Updates the parameters, after clipping the gradients where the settings say so.
 *
 * @returns What is not finite; then no update was made.
 */
function update(
  { settings: { gradientClip }, optimizer }: StepContext,
  gradients: tf.NamedTensorMap,
  learningRate: number,
): string | undefined {
  const step = (clipped: tf.NamedTensorMap) =>
    optimizer.step(new Map(Object.entries(clipped)), learningRate);
  if (gradientClip === null) return void step(gradients);
  const norm = gradientNorm(gradients);
  if (!Number.isFinite(norm)) return "the gradients' norm";
  tf.tidy(() => step(clipGradients(gradients, norm, gradientClip)));
  return undefined;
}

/**
 * Takes one step of the optimizer, unless something of the pass is not finite.
 *
 * @param context The run.
 * @param batch n images; stays the caller's.
 * @param learningRate Rate of this step.
 * @returns Mean loss and count of right answers, both from before the update. Leaves no tensor.
 */
export function trainStep(
  context: StepContext,
  batch: TrainBatch,
  learningRate: number,
): StepResult {
  const { values, gradients } = lossAndGradients(context, batch);
  try {
    // One small read a step: 40 microseconds of some 200 milliseconds.
    const [correct = NaN, ...probes] = values.dataSync();
    const notFinite = PROBES.find((_, probe) => !Number.isFinite(probes[probe])) ??
      update(context, gradients, learningRate);
    return { loss: probes[PROBES.indexOf("the loss")]!, correct, notFinite };
  } finally {
    tf.dispose({ values, ...gradients });
  }
}
