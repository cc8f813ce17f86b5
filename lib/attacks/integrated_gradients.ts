import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireNumber } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { inputGradient, type Objective } from "./_input_gradient.ts";
import { requireLabelled } from "./_requirements.ts";

/** Options of {@linkcode integratedGradients}. */
export interface IntegratedGradientsOptions {
  /** Points on the way from the baseline to the image, >= 1. Default 50. */
  readonly steps?: number | undefined;
  /** Value of every pixel of the baseline, in [0, 1]. Default 0, a black image. */
  readonly baseline?: number | undefined;
}

const optionNames: OptionNames<IntegratedGradientsOptions> = { steps: true, baseline: true };

/** The logit of each image's class. */
function logitOf(labels: Int32Array, classes: number): { objective: Objective; dispose(): void } {
  const chosen = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, "int32"), classes).toFloat());
  return {
    objective: (logits) => tf.sum<tf.Tensor1D>(tf.mul(logits, chosen), 1),
    dispose: () => chosen.dispose(),
  };
}

/**
 * Integrated gradients (Sundararajan, Taly and Yan 2017): how much each pixel of an image contributes to
 * the logit of a class, (x - b) times the mean of the logit's gradient at `steps` points of the straight
 * line from the baseline b to x, each in the middle of its part. The attributions of an image add up to
 * the logit at x less that at b, up to the error of so many points.
 *
 * An attribution says what the network reads, not whether it is right to; see
 * {@linkcode parameterRandomizationCheck} for whether it depends on what was learned.
 *
 * @param model Any classifier with gradients; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 classes whose logits are explained.
 * @returns An owned tensor of x's shape, in units of the logit.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If an option, a pixel or a class is out of range, or the lengths disagree.
 * @throws {NotFiniteError} If a logit or a gradient on the way is not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * const model = linearClassifier([[1, -2], [0, 4]]);
 * const x = tf.tensor4d([0.5, 0.25], [1, 1, 1, 2]);
 * const attributions = integratedGradients(model, x, tf.tensor1d([0], "int32"), { steps: 4 });
 * assertEquals([...attributions.dataSync()], [0.5, -0.5]); // weight times pixel
 * ```
 */
export function integratedGradients(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: IntegratedGradientsOptions = {},
): tf.Tensor4D {
  requireKnownOptions("integratedGradients", options, optionNames);
  const { steps = 50, baseline = 0 } = options;
  requireInteger("steps", steps, { min: 1 });
  requireNumber("baseline", baseline, { min: 0, max: 1 });
  const labels = requireLabelled(model, x, y);
  const { objective, dispose } = logitOf(labels, model.classes);
  try {
    return tf.tidy(() => {
      const way = tf.sub<tf.Tensor4D>(x, baseline);
      let sum = tf.zerosLike(x);
      for (let step = 0; step < steps; step++) {
        sum = tf.tidy(() => {
          const point = tf.add<tf.Tensor4D>(tf.mul(way, (step + 0.5) / steps), baseline);
          return tf.add(sum, inputGradient(model, point, objective));
        });
      }
      return tf.div<tf.Tensor4D>(tf.mul(way, sum), steps);
    });
  } finally {
    dispose();
  }
}
