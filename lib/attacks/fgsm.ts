import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { inputGradient, labelLoss } from "./_input_gradient.ts";
import { unitLength } from "./_random_start.ts";
import { type Norm, requireAttack, requireFinitePixels } from "./_requirements.ts";

/** Options of {@linkcode fgsm}. */
export interface FgsmOptions {
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length >= 0 for l2. */
  readonly epsilon: number;
  /** Default "linf". */
  readonly norm?: Norm | undefined;
  /** `true`: y holds classes to move towards. Default `false`. */
  readonly targeted?: boolean | undefined;
}

const optionNames: OptionNames<FgsmOptions> = { epsilon: true, norm: true, targeted: true };

/**
 * Fast gradient sign method (Goodfellow et al. 2015): `clip(x + epsilon * sign(grad_x CE(f(x), y)))`,
 * in eval mode. l2: the fast gradient method, `clip(x + epsilon * grad / ||grad||)`. Targeted, the
 * sign of the step is turned.
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 labels, or target classes.
 * @returns An owned tensor of x's shape, within epsilon of x and in [0, 1]; x bit for bit with
 * epsilon 0.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If epsilon, a pixel or a label is out of range, or the lengths disagree.
 * @throws {NotFiniteError} If a logit or the input gradient is not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * // Logits (s, -s) with s the sum of the pixels: the attack on class 0 darkens every pixel.
 * const model = linearClassifier([[1, 1], [-1, -1]]);
 * const x = tf.tensor4d([0.5, 0.125], [1, 1, 1, 2]);
 * const adversarial = fgsm(model, x, tf.tensor1d([0], "int32"), { epsilon: 0.25 });
 * assertEquals([...adversarial.dataSync()], [0.25, 0]);
 * ```
 */
export function fgsm(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: FgsmOptions,
): tf.Tensor4D {
  requireKnownOptions("fgsm", options, optionNames);
  const { labels, epsilon } = requireAttack(model, x, y, options, options?.norm);
  if (epsilon === 0) return x.clone();
  return requireFinitePixels(tf.tidy(() => {
    const gradient = inputGradient(model, x, labelLoss(labels, model.classes));
    const direction = options.norm === "l2" ? unitLength(gradient) : tf.sign(gradient);
    const step = tf.mul(direction, options.targeted ? -epsilon : epsilon);
    return tf.minimum<tf.Tensor4D>(tf.maximum(tf.add(x, step), 0), 1);
  }));
}
