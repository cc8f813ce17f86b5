import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import type { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { requireInteger } from "../arguments/require.ts";
import { requireAttack } from "./_requirements.ts";
import { SquareSearch } from "./_square_search.ts";

/** Options of {@linkcode square}. */
export interface SquareOptions {
  /** L-infinity budget in pixel units, in [0, 1]. */
  readonly epsilon: number;
  /** How often the model may be asked about each image, x itself included, >= 1. Default 1000. */
  readonly queries?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** The images' places in their data set, which key their draws. Default 0 to n - 1. */
  readonly positions?: ArrayLike<number> | undefined;
}

const optionNames: OptionNames<SquareOptions> = {
  epsilon: true,
  queries: true,
  seed: true,
  positions: true,
};

/**
 * Square Attack, L-infinity (Andriushchenko et al. 2020): random search that never looks at a
 * gradient. It starts from vertical stripes of +-epsilon and proposes squares of one colour each,
 * keeping a proposal where it lowers the margin `z_y - max_{k != y} z_k`; the squares shrink on the
 * paper's schedule (p = 0.8 at first), rescaled to the budget. An image that is fooled is asked no
 * further; one that is misclassified from the start is returned as it is.
 *
 * @param model Any classifier; only its logits are used, its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 labels.
 * @returns An owned tensor of x's shape, within epsilon of x and in [0, 1]; x bit for bit with
 * epsilon 0.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If an option, a pixel or a label is out of range, or the lengths disagree.
 * @throws {Error} If a logit is not finite.
 * @example
 * ```ts
 * import { assert } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * const model = linearClassifier([[1, 1], [-1, -1]]);
 * const x = tf.tensor4d([0.5, 0.125], [1, 1, 1, 2]);
 * const attacked = square(model, x, tf.tensor1d([0], "int32"), { epsilon: 0.25, queries: 20 });
 * assert(tf.sum(attacked).dataSync()[0]! < 0.625);
 * ```
 */
export function square(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: SquareOptions,
): tf.Tensor4D {
  requireKnownOptions("square", options, optionNames);
  const { labels, epsilon, seed, positions } = requireAttack(model, x, y, options);
  const { queries = 1000 } = options;
  requireInteger("queries", queries, { min: 1 });
  if (epsilon === 0) return x.clone();
  const search = new SquareSearch(model, x, labels, { epsilon, seed, positions });
  search.askClean();
  if (queries > 1) search.askStripes();
  for (let query = 2; query < queries && search.active.length > 0; query++) {
    search.askSquares(query - 2, queries);
  }
  return search.result();
}
