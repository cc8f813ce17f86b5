import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { forward } from "../nn/forward.ts";
import { crossEntropyObjective } from "./_input_gradient.ts";
import { normalDraws } from "./_random_start.ts";
import {
  type Norm,
  requireBudget,
  requireFinitePixels,
  requireInputShape,
  requireSteps,
} from "./_requirements.ts";
import { requireFiniteLogits } from "./answers.ts";
import { defaultStepSize } from "./default_step_size.ts";
import { climb, projection } from "./pgd.ts";

/** Options of {@linkcode tradesPerturbation}. */
export interface TradesPerturbationOptions {
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length >= 0 for l2. */
  readonly epsilon: number;
  /** Gradient steps, >= 1. Default 10. */
  readonly steps?: number | undefined;
  /** Length of one step, >= 0. Default `2.5 * epsilon / steps`. */
  readonly stepSize?: number | undefined;
  /** Default "linf". */
  readonly norm?: Norm | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

const optionNames: OptionNames<TradesPerturbationOptions> = {
  epsilon: true,
  steps: true,
  stepSize: true,
  norm: true,
  seed: true,
};

/** At x itself the divergence has its minimum and no gradient: start a little beside it. */
const START_DEVIATION = 0.001;
const TRADES_STREAM = 0x74726164;

/**
 * TRADES' inner maximisation (Zhang et al. 2019, algorithm 1): climbs KL(p(x) || p(x')) in x' by
 * signed steps in the box, in eval mode, from x plus normal noise of deviation 0.001. The paper's
 * ball is that of any norm: in the one of l2, steps go along `g / ||g||`. No labels: what is sought is
 * the largest change of the prediction. Since p(x) is fixed, the divergence differs from the cross
 * entropy against p(x) by a constant, so their gradients are the same.
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @returns An owned tensor of x's shape, within epsilon of x and in [0, 1]; x bit for bit with
 * epsilon 0.
 * @throws {TypeError} If x is not float32 of rank 4.
 * @throws {RangeError} If an option or a pixel is out of range.
 * @throws {NotFiniteError} If a logit or an input gradient on the way is not finite.
 * @example
 * ```ts
 * import { assert } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * const model = linearClassifier([[1, 1], [-1, -1]]);
 * const x = tf.tensor4d([0.5, 0.5], [1, 1, 1, 2]);
 * const moved = tradesPerturbation(model, x, { epsilon: 0.25, steps: 5 });
 * assert([...moved.dataSync()].every((pixel) => Math.abs(pixel - 0.5) === 0.25));
 * ```
 */
export function tradesPerturbation(
  model: Classifier,
  x: tf.Tensor4D,
  options: TradesPerturbationOptions,
): tf.Tensor4D {
  requireKnownOptions("tradesPerturbation", options, optionNames);
  const { epsilon, seed, positions } = requireBudget(x, options, options?.norm);
  requireInputShape(model, x);
  const { norm = "linf", steps = 10 } = options;
  const { stepSize = defaultStepSize({ epsilon, steps, randomStart: false }) } = options;
  requireSteps(steps, stepSize);
  if (epsilon === 0) return x.clone();
  return requireFinitePixels(tf.tidy(() => {
    const { logits } = forward(model, x);
    requireFiniteLogits(logits.dataSync());
    const clean = tf.softmax(logits);
    const project = projection(x, epsilon, norm);
    const { directions } = normalDraws(x.shape, { seed, positions, draw: TRADES_STREAM });
    const start = project(tf.add(x, tf.mul(directions, START_DEVIATION)));
    const loss = crossEntropyObjective(clean);
    return climb(start, steps, { model, loss, norm, stepSize, project });
  }));
}
