import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { requireInteger, requireNumber } from "../arguments/require.ts";
import { targetDistribution } from "../losses/target_distribution.ts";
import { type Climb, gradientSteps, requireFinitePixels, stepAlong } from "./_gradient_step.ts";
import { crossEntropyObjective, evaluateWithGradient } from "./_input_gradient.ts";
import { regionAround } from "./_region.ts";
import {
  type Norm,
  requireBatch,
  requireEpsilon,
  requireOptions,
  requireSeed,
  resolvePositions,
} from "./_requirements.ts";
import { type Goal, WorstCase } from "./_worst_case.ts";

export type { Norm };

/** Options of {@linkcode pgd}. */
export interface PgdOptions {
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length >= 0 for l2. */
  readonly epsilon: number;
  /** Length of one step, >= 0. Default `2.5 * epsilon / steps`. */
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

/** Every iterate is scored from the pass that its own gradient needs; only the last costs extra. */
function offerEveryIterate(
  climb: Climb,
  start: tf.Tensor4D,
  steps: number,
  worst: WorstCase,
): void {
  const { model, objective } = climb;
  let point = start;
  for (let step = 0; step < steps; step++) {
    const { logits, losses, gradient } = evaluateWithGradient(model, point, objective);
    worst.offer(point, logits, losses);
    const next = stepAlong(climb, point, { logits, gradient });
    tf.dispose([point, logits, losses, gradient]);
    point = next;
  }
  worst.evaluate(model, requireFinitePixels(point), objective);
  point.dispose();
}

/** Runs from all starts; the worst case per image where there is a choice. */
function climbFromAll(
  climb: Climb,
  starts: readonly (() => tf.Tensor4D)[],
  { steps, keepBest, goal }: { steps: number; keepBest: boolean; goal: Goal },
): tf.Tensor4D {
  if (starts.length === 1 && !keepBest) return gradientSteps(climb, starts[0]!(), steps);
  const worst = new WorstCase(goal);
  for (const start of starts) {
    if (keepBest) {
      offerEveryIterate(climb, start(), steps, worst);
    } else {
      const last = requireFinitePixels(gradientSteps(climb, start(), steps));
      worst.evaluate(climb.model, last, climb.objective);
      last.dispose();
    }
  }
  return worst.take();
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
 * import { linearModel } from "../../tests/attacks/linear_model.ts";
 * import { tf } from "../backend/tf.ts";
 * // Logits (s, -s) with s the sum of the pixels: the attack on class 0 darkens every pixel.
 * const model = linearModel([[1, 1], [-1, -1]]);
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
  requireOptions(options);
  const { epsilon, steps = 10, norm = "linf", randomStart = true, restarts = 1, seed = 0 } =
    options;
  const { targeted = false, keepBest = false, stepSize = 2.5 * epsilon / steps } = options;
  requireEpsilon(epsilon, norm);
  requireInteger("steps", steps, { min: 1 });
  requireNumber("stepSize", stepSize, { min: 0 });
  requireInteger("restarts", restarts, { min: 1 });
  requireSeed(seed);
  const labels = requireBatch(model, x, y);
  const positions = resolvePositions(options.positions, x.shape[0]);
  if (epsilon === 0) return x.clone();
  return requireFinitePixels(tf.tidy(() => {
    const objective = crossEntropyObjective(targetDistribution(labels, model.classes, 1, 0));
    const region = regionAround(x, epsilon, norm);
    const climb = { model, objective, region, stepSize: targeted ? -stepSize : stepSize };
    const starts = randomStart
      ? Array.from({ length: restarts }, (_, k) => () => region.randomPoint(seed, positions, k))
      : [() => x.clone()];
    return climbFromAll(climb, starts, { steps, keepBest, goal: { labels, targeted } });
  }));
}
