import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { type ApgdLoss, requireApgdLoss } from "./_apgd_loss.ts";
import { reviewPeriods } from "./_apgd_schedule.ts";
import { ApgdState, type Observer } from "./_apgd_state.ts";
import { stretchedStart, unitLength } from "./_random_start.ts";
import { type Norm, requireAttack, requireFinitePixels } from "./_requirements.ts";
import { requireTargets, targetsByRank } from "./_target_classes.ts";
import { WorstCase } from "./_worst_case.ts";
import { projection } from "./pgd.ts";

export type { ApgdLoss };

/** Options of {@linkcode apgd}. */
export interface ApgdOptions {
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length >= 0 for l2. */
  readonly epsilon: number;
  /** Default "linf". */
  readonly norm?: Norm | undefined;
  /** Iterations, >= 1. Default 100. */
  readonly steps?: number | undefined;
  /**
   * What is climbed: cross entropy; the difference of logits ratio (at least 3 classes); or that ratio
   * towards each of the likeliest wrong classes in turn (at least 4 classes). Default "ce".
   */
  readonly loss?: ApgdLoss | undefined;
  /**
   * How many wrong classes "dlr-targeted" aims at, one search each, the likeliest on x first: 1 to
   * classes - 1. Default 9, or all where there are fewer. Not for other losses.
   */
  readonly targets?: number | undefined;
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
  targets: true,
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
  requireApgdLoss(loss, model.classes);
  const settings = { ...shared, norm, steps, loss };
  return { labels, searches: apgdSearches(model, loss, options), settings };
}

/** The searches of an attack: one a restart; with "dlr-targeted", the restarts of one target after another. */
function apgdSearches(
  model: Classifier,
  loss: ApgdLoss,
  { restarts = 1, targets }: ApgdOptions,
): { readonly draw: number; readonly rank?: number }[] {
  if (loss !== "dlr-targeted") {
    if (targets !== undefined) {
      throw new RangeError(
        `Expected targets with loss "dlr-targeted" alone but found ${targets} with "${loss}"`,
      );
    }
    return Array.from({ length: restarts }, (_, draw) => ({ draw }));
  }
  const length = restarts * requireTargets(targets, model.classes);
  return Array.from({ length }, (_, draw) => ({ draw, rank: Math.floor(draw / restarts) }));
}

/** What one search is made with. */
export type ApgdSettings = ReturnType<typeof requireApgd>["settings"] & {
  /** Number of its random start. */
  readonly draw: number;
  /** The class that each image is driven to, for "dlr-targeted". */
  readonly targets?: Int32Array | undefined;
  /** Passes that a gradient is the mean of. Default 1. */
  readonly passes?: number | undefined;
};

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
  const { epsilon, norm, steps } = settings;
  const state = new ApgdState(model, labels, settings, {
    origin: x.clone(),
    point: projection(x, epsilon, norm)(stretchedStart(x, epsilon, norm, settings)),
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
 * Loss "dlr" also works where cross entropy's gradient vanishes because logits are large;
 * "dlr-targeted" searches once for each of the likeliest wrong classes (APGD-T).
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
  const { labels, searches, settings } = requireApgd(model, x, y, options);
  if (settings.epsilon === 0) return x.clone();
  return requireFinitePixels(tf.tidy(() => {
    const worst = new WorstCase({ labels, targeted: false });
    const observer = (...pass: Parameters<Observer>) => void worst.offer(...pass);
    const ranked = settings.loss === "dlr-targeted" ? targetsByRank(model, x, labels) : [];
    for (const { draw, rank = 0 } of searches) {
      searchApgd(model, x, labels, { ...settings, draw, targets: ranked[rank] }, observer);
    }
    return worst.take();
  }));
}
