/** Checks that every attack makes at its public boundary. */
import { tf } from "../backend/tf.ts";
import { type Classifier, requireClassifier } from "../nn/classifier.ts";
import { requireInteger, requireNumber, requireOneOf, requireParts } from "../arguments/require.ts";
import { readLabels } from "../losses/target_distribution.ts";

/** The distance that bounds a perturbation. */
export type Norm = "linf" | "l2";

/** Rounding of a resize or a division may leave the unit interval by this much. */
const PIXEL_SLACK = 1e-6;

/**
 * Requires images as float32 [n, height, width, channels] with pixels in [0, 1].
 *
 * @throws {TypeError} If x is not a float32 tensor of rank 4.
 * @throws {RangeError} If x is empty or holds a pixel outside [0, 1], e.g. bytes or normalised images.
 */
export function requireImages(x: tf.Tensor4D): void {
  requireParts("x", x, "a tensor", ["dtype", "shape"]);
  if (x.dtype !== "float32" || x.rank !== 4) {
    throw new TypeError(
      `Expected x to be a float32 tensor [n, height, width, channels] but found ${x.dtype} [${x.shape}]`,
    );
  }
  if (x.size === 0) throw new RangeError(`Expected x to hold an image but found [${x.shape}]`);
  const [low, high] = tf.tidy(() => [tf.min(x).dataSync()[0]!, tf.max(x).dataSync()[0]!]);
  if (!(low >= -PIXEL_SLACK && high <= 1 + PIXEL_SLACK)) {
    throw new RangeError(
      `Expected the pixels of x to be in [0, 1] (normalisation belongs into the model) ` +
        `but found [${low}, ${high}]`,
    );
  }
}

/**
 * Requires images and labels that fit the model.
 *
 * @returns The labels as plain integers.
 * @throws {TypeError|RangeError} Naming the argument, the bound and the value found.
 */
export function requireBatch(model: Classifier, x: tf.Tensor4D, y: tf.Tensor1D): Int32Array {
  requireClassifier("model", model);
  requireImages(x);
  return readLabels(y, x.shape[0], model.classes, "y");
}

/** Requires an attack's options; they hold at least its budget. */
export function requireOptions(options: unknown): void {
  requireParts("options", options, "an object with epsilon", ["epsilon"]);
}

/**
 * Requires a budget in pixel units: in [0, 1] for linf, any finite length >= 0 for l2.
 *
 * @throws {RangeError} Naming epsilon, the bound and the value found.
 */
export function requireEpsilon(epsilon: number, norm: Norm = "linf"): void {
  requireOneOf("norm", norm, ["linf", "l2"]);
  requireNumber("epsilon", epsilon, norm === "linf" ? { min: 0, max: 1 } : { min: 0 });
}

/**
 * The images' places in their data set, which key their random draws.
 *
 * @returns `positions`, or 0 to n - 1 without.
 * @throws {RangeError} If there is not one for each image.
 */
export function resolvePositions(
  positions: ArrayLike<number> | undefined,
  images: number,
): ArrayLike<number> {
  if (positions === undefined) return Int32Array.from({ length: images }, (_, image) => image);
  if (positions.length !== images) {
    throw new RangeError(
      `Expected positions to have one entry for each of ${images} images but found ${positions.length}`,
    );
  }
  return positions;
}

/**
 * Requires a seed.
 *
 * @throws {RangeError} If it is not a safe integer.
 */
export function requireSeed(seed: number): void {
  requireInteger("seed", seed);
}
