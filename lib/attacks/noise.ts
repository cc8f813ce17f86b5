import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { tf } from "../backend/tf.ts";
import { normalDraws, randomStart, unitLength } from "./_random_start.ts";
import { type Norm, requireBudget } from "./_requirements.ts";
import { projection } from "./pgd.ts";

/** Options of {@linkcode randomNoise}. */
export interface NoiseOptions {
  /** Budget in pixel units: in [0, 1] for linf, a Euclidean length >= 0 for l2. */
  readonly epsilon: number;
  /** Default "linf". */
  readonly norm?: Norm | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** The images' places in their data set, which key their draws. Default 0 to n - 1. */
  readonly positions?: ArrayLike<number> | undefined;
}

const optionNames: OptionNames<NoiseOptions> = {
  epsilon: true,
  norm: true,
  seed: true,
  positions: true,
};

/** Keeps the noise apart from the random starts of attacks with the same seed. */
const NOISE_STREAM = 0x6e6f6973;

/**
 * Uniform noise of an attack's budget, `clip(x + u)` with every u drawn from [-epsilon, epsilon); l2:
 * u is uniform in the ball, i.e. of uniform direction and length epsilon r^(1/d) in d dimensions. It is
 * the baseline that tells a model's sensitivity to any change from its sensitivity to the worst one.
 *
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @returns An owned tensor of x's shape, within epsilon of x and in [0, 1]; x bit for bit with
 * epsilon 0.
 * @throws {TypeError} If x is not float32 of rank 4.
 * @throws {RangeError} If epsilon, a pixel or the seed is out of range.
 * @example
 * ```ts
 * import { assert } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const x = tf.fill([1, 2, 2, 3], 0.5) as tf.Tensor4D;
 * const noisy = randomNoise(x, { epsilon: 0.1, seed: 1 });
 * assert(tf.max(tf.abs(tf.sub(noisy, x))).dataSync()[0]! <= 0.1 + 1e-7);
 * ```
 */
export function randomNoise(x: tf.Tensor4D, options: NoiseOptions): tf.Tensor4D {
  requireKnownOptions("randomNoise", options, optionNames);
  const { epsilon, seed, positions } = requireBudget(x, options, options?.norm);
  if (epsilon === 0) return x.clone();
  const draw = { seed, positions, draw: NOISE_STREAM };
  return tf.tidy(() => {
    if (options.norm !== "l2") {
      return projection(x, epsilon, "linf")(randomStart(x, epsilon, "linf", draw));
    }
    const { directions, radii } = normalDraws(x.shape, draw);
    const lengths = tf.mul(tf.pow(radii, x.shape[0] / x.size), epsilon);
    return projection(x, epsilon, "l2")(tf.add(x, tf.mul(unitLength(directions), lengths)));
  });
}
