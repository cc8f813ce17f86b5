import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireNumber } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { evaluateWithGradient, type Objective } from "./_input_gradient.ts";
import { requireFinitePixels, requireLabelled } from "./_requirements.ts";
import { ShortestSuccess } from "./_shortest_success.ts";
import { selectImages } from "./_worst_case.ts";
import { predictedClasses, requireFiniteLogits } from "./answers.ts";

/** Options of {@linkcode carliniWagner}. */
export interface CarliniWagnerOptions {
  /** Weight of the misclassification beside the squared distance, >= 0. Default 1. */
  readonly c?: number | undefined;
  /** By how much a wrong logit is to exceed the label's, >= 0. Default 0. */
  readonly kappa?: number | undefined;
  /** Steps of Adam, >= 1. Default 50. */
  readonly steps?: number | undefined;
  /** Adam's rate, > 0. Default 0.01. */
  readonly learningRate?: number | undefined;
}

const optionNames: OptionNames<CarliniWagnerOptions> = {
  c: true,
  kappa: true,
  steps: true,
  learningRate: true,
};

/** Adam's constants (Kingma & Ba 2015), PyTorch's defaults. */
const [BETA1, BETA2, TINY] = [0.9, 0.999, 1e-8];
/** Larger than any logit gap: takes the label out of a maximum. */
const FAR = 1e30;

/** `c max(z_y - max_{k != y} z_k, -kappa)`. */
function marginObjective(labels: Int32Array, classes: number, c: number, kappa: number): Objective {
  return (logits) => {
    const label = tf.oneHot(tf.tensor1d(labels, "int32"), classes, 1, 0, "float32");
    const own = tf.sum(tf.mul(logits, label), 1);
    const rival = tf.max(tf.sub(logits, tf.mul(label, FAR)), 1);
    return tf.mul<tf.Tensor1D>(tf.maximum(tf.sub(own, rival), -kappa), c);
  };
}

/** w, whose tanh gives the pixels, and Adam's running means. */
type State = Record<"w" | "mean" | "square", tf.Tensor4D>;

/** One step of Adam. */
function adamStep({ w, mean, square }: State, slope: tf.Tensor4D, step: number, rate: number) {
  return tf.tidy(() => {
    const nextMean = tf.add<tf.Tensor4D>(tf.mul(mean, BETA1), tf.mul(slope, 1 - BETA1));
    const nextSquare = tf.add<tf.Tensor4D>(
      tf.mul(square, BETA2),
      tf.mul(tf.square(slope), 1 - BETA2),
    );
    const length = tf.add(tf.sqrt(tf.div(nextSquare, 1 - BETA2 ** step)), TINY);
    const move = tf.div(tf.mul(nextMean, rate / (1 - BETA1 ** step)), length);
    return { w: tf.sub<tf.Tensor4D>(w, move), mean: nextMean, square: nextSquare };
  });
}

/** The w of x. Pixels of exactly 0 and 1 lie infinitely far out, where tanh has no slope: they stay. */
function inverse(x: tf.Tensor4D): tf.Tensor4D {
  const scaled = tf.clipByValue(tf.sub(tf.mul(x, 2), 1), -1, 1);
  return tf.mul<tf.Tensor4D>(tf.log(tf.div(tf.add(1, scaled), tf.sub(1, scaled))), 0.5);
}

/**
 * Carlini and Wagner's L2 attack (2017), as torchattacks makes it: Adam on w minimises
 * `||x' - x||^2 + c max(z_y - max_{k != y} z_k, -kappa)` with `x' = (tanh(w) + 1) / 2`, for one given c.
 * Ten times in the search it looks whether an image's cost has risen, and ends it there. Pixels that
 * are exactly 0 or 1 stay as they are. Has no budget.
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 labels.
 * @returns An owned tensor of x's shape, in [0, 1]: of all iterates that fool the model the nearest to
 * x, x itself where there is none. Results do not depend on the batch in which an image is attacked.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If an option, a pixel or a label is out of range, or the lengths disagree.
 * @throws {NotFiniteError} If a logit or an input gradient on the way is not finite.
 * @example
 * ```ts
 * import { assert } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * const model = linearClassifier([[1, 1], [-1, -1]], { bias: [-1, 1] });
 * const x = tf.tensor4d([0.5, 0.7], [1, 1, 1, 2]);
 * const [first, second] = carliniWagner(model, x, tf.tensor1d([0], "int32")).dataSync();
 * assert(first! + second! < 1); // class 1
 * ```
 */
export function carliniWagner(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: CarliniWagnerOptions = {},
): tf.Tensor4D {
  requireKnownOptions("carliniWagner", options, optionNames);
  const labels = requireLabelled(model, x, y);
  const { c = 1, kappa = 0, steps = 50, learningRate = 0.01 } = options;
  requireNumber("c", c, { min: 0 });
  requireNumber("kappa", kappa, { min: 0 });
  requireInteger("steps", steps, { min: 1 });
  requireNumber("learningRate", learningRate, { min: 0, exclusiveMin: true });
  const objective = marginObjective(labels, model.classes, c, kappa);
  const period = Math.max(Math.floor(steps / 10), 1);
  const tally = new ShortestSuccess(labels);
  return tf.tidy(() => {
    const w = inverse(x);
    let now: State & { best: tf.Tensor4D } = {
      w,
      mean: tf.zerosLike(w),
      square: tf.zerosLike(w),
      best: x.clone(),
    };
    for (let step = 0; step < steps && !tally.over; step++) {
      const old = now;
      now = tf.tidy(() => {
        const tanh = tf.tanh(old.w);
        const point = tf.mul<tf.Tensor4D>(tf.add(tanh, 1), 0.5);
        const offset = tf.sub(point, x);
        const { logits, losses, gradient } = evaluateWithGradient(model, point, objective);
        const predicted = predictedClasses(requireFiniteLogits(logits.dataSync()), model.classes);
        logits.dispose();
        const [squares, margins] = [
          tf.sum(tf.square(offset), [1, 2, 3]).dataSync(),
          losses.dataSync(),
        ];
        const best = selectImages(tally.improved(predicted, squares), point, old.best);
        if (step % period === 0) tally.review((image) => squares[image]! + margins[image]!);
        const steepness = tf.mul(tf.sub(1, tf.square(tanh)), 0.5);
        const cost = tf.add(tf.mul(offset, 2), requireFinitePixels(gradient));
        const slope = tf.mul<tf.Tensor4D>(cost, steepness);
        return { ...adamStep(old, slope, step + 1, learningRate), best };
      });
      tf.dispose(old);
    }
    return now.best;
  });
}
