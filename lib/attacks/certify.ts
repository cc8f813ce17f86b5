import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireNumber, requireParts } from "../arguments/require.ts";
import { randomNormal } from "../backend/random.ts";
import { tf } from "../backend/tf.ts";
import { certifiedRadius, clopperPearsonLowerBound } from "../metrics/certified_radius.ts";
import type { Classifier } from "../nn/classifier.ts";
import { predict } from "./answers.ts";
import { requireBatch, requireInputShape } from "./_requirements.ts";

/** Options of {@linkcode certify}. */
export interface CertifyOptions {
  /** Standard deviation of the noise in pixel units, > 0. */
  readonly sigma: number;
  /** Noisy copies of an image that choose the class, >= 1. Default 100. */
  readonly n0?: number | undefined;
  /** Further noisy copies that bound its probability, >= 1. Default 1000. */
  readonly n?: number | undefined;
  /** Probability of a wrong certificate, in (0, 0.5). Default 0.001. */
  readonly alpha?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** The images' places in their data set, which key their draws. Default 0 to n - 1. */
  readonly positions?: ArrayLike<number> | undefined;
}

/** What {@linkcode certify} says of one image. */
export interface Certificate {
  /** The smoothed classifier's class, or -1: it abstains. */
  readonly prediction: number;
  /** No change of a smaller Euclidean length, in pixel units, alters the prediction; 0 with -1. */
  readonly radius: number;
}

const optionNames: OptionNames<CertifyOptions> = {
  sigma: true,
  n0: true,
  n: true,
  alpha: true,
  seed: true,
  positions: true,
};

/** Noisy copies in one forward pass; part of the draws' keys, so results change with it. */
const COPIES = 128;
const CHOICE_STREAM = 0x63686f69;
const BOUND_STREAM = 0x626f756e;

/** Which noise an image gets. */
interface Noise {
  readonly sigma: number;
  readonly seed: number;
  readonly position: number;
}

/** How often the model answers each class on `count` noisy copies of one image. */
function votes(
  model: Classifier,
  image: tf.Tensor4D,
  count: number,
  stream: number,
  { sigma, seed, position }: Noise,
): Int32Array {
  const counts = new Int32Array(model.classes);
  for (let start = 0; start < count; start += COPIES) {
    const shape = [Math.min(COPIES, count - start), ...image.shape.slice(1)];
    const noisy = tf.tidy(() =>
      tf.add<tf.Tensor4D>(image, tf.mul(randomNormal(shape, seed, position, stream, start), sigma))
    );
    try {
      for (const answer of predict(model, noisy)) counts[answer]!++;
    } finally {
      noisy.dispose();
    }
  }
  return counts;
}

/**
 * Certifies images by randomized smoothing (Cohen et al. 2019, algorithm CERTIFY). The smoothed
 * classifier answers the class that the model is most likely to answer on x + N(0, sigma^2 I). On n0
 * noisy copies of an image the most frequent class is chosen, on n further copies its probability is
 * bounded from below by Clopper and Pearson's one-sided bound p at 1 - alpha. If p > 1/2, no change of
 * a length below `sigma * quantile(p)` in L2 alters the answer, except with probability alpha over
 * the draws; otherwise the classifier abstains.
 *
 * Pixels with noise leave [0, 1] and are not clipped, as in training with `noiseSigma`: a model that
 * never saw such noise abstains often. The model is asked n0 + n times an image, in eval mode.
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @returns One certificate an image. The same seed gives the same result; an image's certificate
 * depends on the seed and its position, not on the other images.
 * @throws {TypeError} If x is not float32 of rank 4, or sigma is missing.
 * @throws {RangeError} If an option or a pixel is out of range, or the images do not fit the model.
 * @throws {NotFiniteError} If a logit is not finite.
 * @example
 * ```ts
 * import { assert, assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * // Class 0 while the pixel is below 0.5: the boundary is 0.3 away.
 * const model = linearClassifier([[0], [1]], { bias: [0, -0.5] });
 * const [certificate] = certify(model, tf.tensor4d([0.2], [1, 1, 1, 1]), { sigma: 0.25 });
 * assertEquals(certificate!.prediction, 0);
 * assert(certificate!.radius > 0.2 && certificate!.radius < 0.3);
 * ```
 */
export function certify(
  model: Classifier,
  x: tf.Tensor4D,
  options: CertifyOptions,
): Certificate[] {
  requireKnownOptions("certify", options, optionNames);
  requireParts("options", options, "an object with sigma", ["sigma"]);
  const { sigma, n0 = 100, n = 1000, alpha = 0.001 } = options;
  requireNumber("sigma", sigma, { min: 0, exclusiveMin: true });
  requireInteger("n0", n0, { min: 1 });
  requireInteger("n", n, { min: 1 });
  requireNumber("alpha", alpha, { min: 0, max: 0.5, exclusiveMin: true, exclusiveMax: true });
  const { seed, positions } = requireBatch(x, options);
  requireInputShape(model, x);
  return Array.from({ length: x.shape[0] }, (_, row) => {
    const image = tf.slice(x, [row, 0, 0, 0], [1, -1, -1, -1]);
    try {
      const noise = { sigma, seed, position: positions[row]! };
      const chosen = votes(model, image, n0, CHOICE_STREAM, noise);
      const prediction = chosen.indexOf(Math.max(...chosen));
      const agreeing = votes(model, image, n, BOUND_STREAM, noise)[prediction]!;
      const radius = certifiedRadius(clopperPearsonLowerBound(agreeing, n, alpha), sigma);
      return radius > 0 ? { prediction, radius } : { prediction: -1, radius: 0 };
    } finally {
      image.dispose();
    }
  });
}
