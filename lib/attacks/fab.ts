import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { FabSearch } from "./_fab_search.ts";
import { stretchedStart } from "./_random_start.ts";
import { type Norm, requireAttack } from "./_requirements.ts";
import { requireTargets, targetsByRank } from "./_target_classes.ts";
import { predictedClasses, readLogits } from "./answers.ts";

/** Options of {@linkcode fab}. */
export interface FabOptions {
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length >= 0 for l2. */
  readonly epsilon: number;
  /** Default "linf". */
  readonly norm?: Norm | undefined;
  /** Steps towards each target, >= 1. Default 100. */
  readonly steps?: number | undefined;
  /**
   * How many wrong classes are aimed at, the likeliest on x first: 1 to classes - 1. Default 9, or all
   * where there are fewer.
   */
  readonly targets?: number | undefined;
  /** Searches for each target, >= 1: the first from x, the others from random points. Default 1. */
  readonly restarts?: number | undefined;
  /** Seed of the random points; without restarts there are none. Default 0. */
  readonly seed?: number | undefined;
  /** The images' places in their data set, which key their draws. Default 0 to n - 1. */
  readonly positions?: ArrayLike<number> | undefined;
}

const optionNames: OptionNames<FabOptions> = {
  epsilon: true,
  norm: true,
  steps: true,
  targets: true,
  restarts: true,
  seed: true,
  positions: true,
};

/** Some of a batch's images: a row each. */
function rowsOf(x: tf.Tensor4D, images: readonly number[]): tf.Tensor4D {
  return tf.tidy(() => tf.gather(x, tf.tensor1d([...images], "int32")));
}

/**
 * {@linkcode fab} that may stop early.
 *
 * @param enough An image leaves the search once it is fooled within this distance.
 */
export function fabWithin(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: FabOptions,
  enough: number,
): tf.Tensor4D {
  requireKnownOptions("fab", options, optionNames);
  const { labels, epsilon, seed, positions } = requireAttack(model, x, y, options, options?.norm);
  const { norm = "linf", steps = 100, restarts = 1 } = options;
  requireInteger("steps", steps, { min: 1 });
  requireInteger("restarts", restarts, { min: 1 });
  const targets = requireTargets(options.targets, model.classes);
  if (epsilon === 0) return x.clone();
  const result = Float32Array.from(x.dataSync());
  const size = result.length / labels.length;
  const clean = predictedClasses(readLogits(model, x), model.classes);
  const ranked = targetsByRank(model, x, labels);
  let standing = [...labels.keys()].filter((image) => clean[image] === labels[image]);
  for (let draw = 0; draw < targets * restarts && standing.length > 0; draw++) {
    const of = (values: Int32Array) => Int32Array.from(standing, (image) => values[image]!);
    const rows = rowsOf(x, standing);
    // The first search for a target begins at x, a restart at half of epsilon from it.
    const places = { seed, positions: standing.map((image) => positions[image]!), draw };
    const random = () => tf.clipByValue(stretchedStart(rows, epsilon / 2, norm, places), 0, 1);
    const start = draw % restarts === 0 ? rows.clone() : tf.tidy(random);
    const goal = { labels: of(labels), targets: of(ranked[Math.floor(draw / restarts)]!), norm };
    const search = new FabSearch(model, rows, start, goal);
    tf.dispose([rows, start]);
    for (let step = 0; step < steps && search.active.length > 0; step++) search.step(enough);
    for (const [row, image] of standing.entries()) {
      if (search.distances[row]! > epsilon) continue;
      result.set(search.nearest.subarray(row * size, (row + 1) * size), image * size);
    }
    standing = standing.filter((_, row) => search.distances[row]! > epsilon);
  }
  return tf.tensor4d(result, x.shape);
}

/**
 * Fast Adaptive Boundary attack, targeted (FAB-T; Croce & Hein 2020, "Minimally distorted adversarial
 * examples with a fast adaptive boundary attack"): it looks for the nearest image across the boundary
 * to one wrong class after another, whatever the budget, by projections onto the linearised
 * boundary within [0, 1], and goes back towards x from each success. An image that is fooled within
 * epsilon is not driven to further targets.
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 labels.
 * @returns An owned tensor of x's shape, within epsilon of x and in [0, 1]: the nearest fooling image
 * that was found, x itself where none lies within epsilon or x is misclassified already; x bit for
 * bit with epsilon 0.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If an option, a pixel or a label is out of range, or the lengths disagree.
 * @throws {NotFiniteError} If a logit or an input gradient on the way is not finite.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * // The boundary is where the pixels' sum is 1: both move by 0.1.
 * const model = linearClassifier([[1, 1], [-1, -1]], { bias: [-1, 1] });
 * const x = tf.tensor4d([0.5, 0.7], [1, 1, 1, 2]);
 * const [first, second] = fab(model, x, tf.tensor1d([0], "int32"), { epsilon: 0.2 }).dataSync();
 * assertAlmostEquals(first!, 0.4, 0.002);
 * assertAlmostEquals(second!, 0.6, 0.002);
 * ```
 */
export function fab(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: FabOptions,
): tf.Tensor4D {
  return fabWithin(model, x, y, options, 0);
}
