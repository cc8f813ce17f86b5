import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireOneOf } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { reviewPeriods } from "./_apgd_schedule.ts";
import { ApgdState, type Observer } from "./_apgd_state.ts";
import { normalDraws, uniformDraws, unitLength } from "./_random_start.ts";
import { type Norm, requireAttack, requireFinitePixels } from "./_requirements.ts";
import { WorstCase } from "./_worst_case.ts";
import { projection } from "./pgd.ts";

/** Options of {@linkcode apgd}. */
export interface ApgdOptions {
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length >= 0 for l2. */
  readonly epsilon: number;
  /** Default "linf". */
  readonly norm?: Norm | undefined;
  /** Iterations, >= 1. Default 100. */
  readonly steps?: number | undefined;
  /** What is climbed: cross entropy or the difference of logits ratio. Default "ce". */
  readonly loss?: "ce" | "dlr" | undefined;
  /** Independent random starts, >= 1; the worst case per image is returned. Default 1. */
  readonly restarts?: number | undefined;
  /** Seed of the random starts. Default 0. */
  readonly seed?: number | undefined;
  /** The images' places in their data set, which key their draws. Default 0 to n - 1. */
  readonly positions?: ArrayLike<number> | undefined;
}

const optionNames: OptionNames<ApgdOptions> = {
  epsilon: true,
  norm: true,
  restarts: true,
  steps: true,
  loss: true,
  seed: true,
  positions: true,
};

/** Checks the arguments of {@linkcode apgd} and fills in the defaults. */
export function requireApgd(...[model, x, y, options]: Parameters<typeof apgd>) {
  requireKnownOptions("apgd", options, optionNames);
  const { labels, ...shared } = requireAttack(model, x, y, options, options?.norm);
  const { norm = "linf", steps = 100, loss = "ce", restarts = 1 } = options;
  requireInteger("restarts", restarts, { min: 1 });
  requireInteger("steps", steps, { min: 1 });
  requireOneOf("loss", loss, ["ce", "dlr"]);
  const classes = 'the classes of the model for loss "dlr" (use "ce" for fewer)';
  if (loss === "dlr") requireInteger(classes, model.classes, { min: 3 });
  return { labels, restarts, settings: { ...shared, norm, steps, loss } };
}

/** What one search is made with; `draw` is the number of its random start. */
export type ApgdSettings = ReturnType<typeof requireApgd>["settings"] & { readonly draw: number };

/** As in the authors' code, each image's draws are stretched until their norm is epsilon. */
function stretchedStart(x: tf.Tensor4D, { epsilon, norm, ...draw }: ApgdSettings): tf.Tensor4D {
  return tf.tidy(() => {
    if (norm === "l2") {
      return tf.add(x, tf.mul(unitLength(normalDraws(x.shape, draw).directions), epsilon));
    }
    const draws = uniformDraws(x.shape, draw);
    return tf.add(x, tf.mul(tf.divNoNan(draws, tf.max(tf.abs(draws), [1, 2, 3], true)), epsilon));
  });
}

/**
 * Searches until the budget is spent or the observer keeps no row (algorithm 1). Run it inside
 * `tf.tidy`.
 *
 * @param labels n class indices.
 */
export function searchApgd(
  model: Classifier,
  x: tf.Tensor4D,
  labels: Int32Array,
  settings: ApgdSettings,
  observer: Observer,
): void {
  const { epsilon, norm, steps, loss } = settings;
  const state = new ApgdState(model, labels, loss, {
    origin: x.clone(),
    point: projection(x, epsilon, norm)(stretchedStart(x, settings)),
    stepSize: 2 * epsilon,
  });
  if (!state.showClean(x, observer) || !state.look(observer)) return;
  const periods = reviewPeriods(steps);
  for (let step = 0, sinceReview = 1; step < steps; step++, sinceReview++) {
    const share = step === 0 ? 1 : 0.75; // of the gradient step; the rest is momentum
    state.change(({ origin, point, previous, gradient }) => {
      const project = projection(origin, epsilon, norm);
      const direction = norm === "linf" ? tf.sign(gradient) : unitLength(gradient);
      const ascended = project(tf.add(point, tf.mul(direction, state.stepSizes())));
      const momentum = tf.mul(tf.sub(point, previous), 1 - share);
      const move = tf.add(tf.mul(tf.sub(ascended, point), share), momentum); // eq. 3 and 4
      return { previous: point, point: project(tf.add(point, move)) };
    });
    if (!state.look(observer)) return;
    if (sinceReview === periods[0]) {
      state.review(periods.shift()!); // halves steps and returns to the best point
      sinceReview = 0;
    }
  }
}

/**
 * Auto-PGD (Croce & Hein 2020): PGD with momentum whose step starts at 2 epsilon and is halved, image
 * by image, where a period of iterations was fruitless, going on from the best point. linf: steps
 * along the gradient's sign, clipped to the box; l2: steps along `g / ||g||`, projected onto the ball,
 * then clipped to [0, 1], from a start on its surface.
 * Loss "dlr" also works where cross entropy's gradient vanishes because logits are large.
 * Among x, the start and all iterates, the result is per image the one that fools the model, and
 * among these the one of largest loss.
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 labels.
 * @returns An owned tensor of x's shape, within epsilon of x and in [0, 1]; x bit for bit with
 * epsilon 0.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If an option, a pixel or a label is out of range, or the lengths disagree.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * const model = linearClassifier([[1, 1], [-1, -1]]);
 * const x = tf.tensor4d([0.5, 0.125], [1, 1, 1, 2]);
 * const adversarial = apgd(model, x, tf.tensor1d([0], "int32"), { epsilon: 0.25, steps: 5 });
 * assertEquals([...adversarial.dataSync()], [0.25, 0]);
 * ```
 */
export function apgd(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: ApgdOptions,
): tf.Tensor4D {
  const { labels, restarts, settings } = requireApgd(model, x, y, options);
  if (settings.epsilon === 0) return x.clone();
  return requireFinitePixels(tf.tidy(() => {
    const worst = new WorstCase({ labels, targeted: false });
    const observer = (...pass: Parameters<Observer>) => void worst.offer(...pass);
    for (let draw = 0; draw < restarts; draw++) {
      searchApgd(model, x, labels, { ...settings, draw }, observer);
    }
    return worst.take();
  }));
}
