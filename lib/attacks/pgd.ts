import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger } from "../arguments/require.ts";
import { finiteProbe } from "../backend/finite_probe.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { evaluateWithGradient, labelLoss, type Objective } from "./_input_gradient.ts";
import { randomStart, unitLength } from "./_random_start.ts";
import { type Norm, requireAttack, requireFinitePixels, requireSteps } from "./_requirements.ts";
import { WorstCase } from "./_worst_case.ts";
import { defaultStepSize } from "./default_step_size.ts";

export type { Norm };

/** Options of {@linkcode pgd}. */
export interface PgdOptions {
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length >= 0 for l2. */
  readonly epsilon: number;
  /**
   * Length of one step, >= 0. Default `2.5 * epsilon / steps`, and `1.25 * epsilon` for one step from
   * a random start (Wong, Rice and Kolter 2020).
   */
  readonly stepSize?: number | undefined;
  /** Gradient steps, >= 1. Default 10. */
  readonly steps?: number | undefined;
  /** Start at a random point of the region instead of x. Default `true`. */
  readonly randomStart?: boolean | undefined;
  /**
   * Independent random starts, >= 1; the worst case per image is returned. Without a random start
   * all would be the same, so one is made. Default 1.
   */
  readonly restarts?: number | undefined;
  /** Return the worst iterate per image instead of the last one. Default `false`. */
  readonly keepBest?: boolean | undefined;
  /** Default "linf". */
  readonly norm?: Norm | undefined;
  /** `true`: y holds classes to move towards. Default `false`. */
  readonly targeted?: boolean | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** The images' places in their data set, which key their draws. Default 0 to n - 1. */
  readonly positions?: ArrayLike<number> | undefined;
}

const optionNames: OptionNames<PgdOptions> = {
  epsilon: true,
  stepSize: true,
  steps: true,
  randomStart: true,
  restarts: true,
  keepBest: true,
  norm: true,
  targeted: true,
  seed: true,
  positions: true,
};

/** The nearest image within epsilon of x and with pixels in [0, 1]. */
export function projection(x: tf.Tensor4D, epsilon: number, norm: Norm) {
  const low = tf.maximum(tf.sub(x, epsilon), 0);
  const high = tf.minimum(tf.add(x, epsilon), 1);
  return (point: tf.Tensor4D): tf.Tensor4D => {
    if (norm === "linf") return tf.minimum(tf.maximum(point, low), high);
    const offset = tf.sub(point, x);
    const length = tf.sqrt(tf.sum(tf.square(offset), [1, 2, 3], true));
    const factor = tf.minimum(tf.divNoNan(epsilon, tf.maximum(length, 1e-30)), 1);
    // Clipping moves every pixel towards x's own range, so it never leaves the ball.
    return tf.clipByValue(tf.add<tf.Tensor4D>(x, tf.mul(offset, factor)), 0, 1);
  };
}

/** What is climbed (or descended, with a negative step), where and how far. */
export interface Climb {
  readonly model: Classifier;
  readonly loss: Objective;
  readonly norm: Norm;
  readonly stepSize: number;
  readonly project: (point: tf.Tensor4D) => tf.Tensor4D;
  /** Sees every point before the step from it, with what the model said of it. */
  readonly onPoint?: WorstCase["offer"] | undefined;
}

/** Steps along the gradient, each followed by the projection; disposes the point it starts from. */
export function climb(point: tf.Tensor4D, steps: number, how: Climb): tf.Tensor4D {
  for (let step = 0; step < steps; step++) {
    const { logits, losses, gradient } = evaluateWithGradient(how.model, point, how.loss);
    how.onPoint?.(point, logits, losses);
    const next = tf.tidy(() => {
      const direction = how.norm === "linf" ? tf.sign(gradient) : unitLength(gradient);
      const stepped = how.project(tf.add(point, tf.mul(direction, how.stepSize)));
      // Signs and clips turn NaN into numbers: what is not finite stays visible as NaN pixels.
      return tf.add<tf.Tensor4D>(stepped, finiteProbe([point, logits, gradient]));
    });
    tf.dispose([point, logits, losses, gradient]);
    point = next;
  }
  return point;
}

/**
 * Projected gradient descent (Madry et al. 2018) on the cross entropy, in eval mode. linf: steps
 * along the gradient's sign, clipped to the box; l2: steps along `g / ||g||`, projected onto the ball,
 * then clipped to [0, 1]. The last iterate is returned; with restarts or keepBest, per image the one
 * that fools the model, and among these the one of largest loss.
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 labels, or target classes.
 * @returns An owned tensor of x's shape, within epsilon of x and in [0, 1]; x bit for bit with
 * epsilon 0. The same seed gives the same result.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If an option, a pixel or a label is out of range, or the lengths disagree.
 * @throws {NotFiniteError} If a logit or an input gradient on the way is not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * // Logits (s, -s) with s the sum of the pixels: the attack on class 0 darkens every pixel.
 * const model = linearClassifier([[1, 1], [-1, -1]]);
 * const x = tf.tensor4d([0.5, 0.125], [1, 1, 1, 2]);
 * const adversarial = pgd(model, x, tf.tensor1d([0], "int32"), { epsilon: 0.25, steps: 3 });
 * assertEquals([...adversarial.dataSync()], [0.25, 0]);
 * ```
 */
export function pgd(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: PgdOptions,
): tf.Tensor4D {
  requireKnownOptions("pgd", options, optionNames);
  const { labels, epsilon, seed, positions } = requireAttack(model, x, y, options, options?.norm);
  const { steps = 10, restarts = 1, norm = "linf" } = options;
  const { randomStart: isRandom = true, targeted = false, keepBest = false } = options;
  const { stepSize = defaultStepSize({ epsilon, steps, randomStart: isRandom }) } = options;
  requireSteps(steps, stepSize);
  requireInteger("restarts", restarts, { min: 1 });
  if (epsilon === 0) return x.clone();
  return requireFinitePixels(tf.tidy(() => {
    const worst = new WorstCase({ labels, targeted });
    const loss = labelLoss(labels, model.classes);
    const project = projection(x, epsilon, norm);
    const onPoint: Climb["onPoint"] = keepBest ? (...pass) => worst.offer(...pass) : undefined;
    const how = { model, loss, norm, stepSize: targeted ? -stepSize : stepSize, project, onPoint };
    for (let draw = 0; draw < (isRandom ? restarts : 1); draw++) {
      const random = () => project(randomStart(x, epsilon, norm, { seed, positions, draw }));
      const last = climb(isRandom ? tf.tidy(random) : x.clone(), steps, how);
      if (restarts === 1 && !keepBest) return last;
      worst.evaluate(model, last, loss);
      last.dispose();
    }
    return worst.take();
  }));
}
