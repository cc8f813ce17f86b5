/** Checks that every attack makes at its public boundary. */
import { isFiniteTensor } from "../backend/finite_probe.ts";
import { tf } from "../backend/tf.ts";
import { NotFiniteError } from "../nn/not_finite_error.ts";
import { type Classifier, requireClassifier } from "../nn/classifier.ts";
import { shapeText } from "../format/shape_text.ts";
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
function requireImages(x: tf.Tensor4D): void {
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

/** Requires an attack's options; they hold at least its budget. */
export function requireOptions(options: unknown): void {
  requireParts("options", options, "an object with epsilon", ["epsilon"]);
}

/** Requires the name of a norm. */
export function requireNorm(norm: Norm): void {
  requireOneOf("norm", norm, ["linf", "l2"]);
}

/**
 * Requires a budget in pixel units: in [0, 1] for linf, any finite length >= 0 for l2.
 *
 * @throws {RangeError} Naming epsilon, the bound and the value found.
 */
export function requireEpsilon(epsilon: number, norm: Norm = "linf"): void {
  requireNorm(norm);
  requireNumber("epsilon", epsilon, norm === "linf" ? { min: 0, max: 1 } : { min: 0 });
}

/**
 * Requires images, and the seed and positions that key their draws.
 *
 * @returns The options with their defaults: seed 0, positions 0 to n - 1.
 * @throws {TypeError|RangeError} Naming the argument, the bound and the value found.
 */
export function requireBatch(
  x: tf.Tensor4D,
  { seed = 0, positions }: {
    readonly seed?: number | undefined;
    readonly positions?: ArrayLike<number> | undefined;
  },
): { seed: number; positions: ArrayLike<number> } {
  requireInteger("seed", seed);
  requireImages(x);
  const images = x.shape[0];
  const places = positions ?? Int32Array.from({ length: images }, (_, image) => image);
  if (places.length !== images) {
    throw new RangeError(
      `Expected positions to have one entry for each of ${images} images but found ${places.length}`,
    );
  }
  return { seed, positions: places };
}

/**
 * {@linkcode requireBatch} with a budget: what every attack takes.
 *
 * @returns The options with their defaults.
 * @throws {TypeError|RangeError} Naming the argument, the bound and the value found.
 */
export function requireBudget(
  x: tf.Tensor4D,
  options: Parameters<typeof requireBatch>[1] & { readonly epsilon: number },
  norm?: Norm,
): { epsilon: number; seed: number; positions: ArrayLike<number> } {
  requireOptions(options);
  const { epsilon } = options;
  requireEpsilon(epsilon, norm);
  return { epsilon, ...requireBatch(x, options) };
}

/**
 * Requires a classifier and images of its input shape.
 *
 * @throws {TypeError} If model is no classifier.
 * @throws {RangeError} If the images have another shape.
 */
export function requireInputShape(model: Classifier, x: tf.Tensor4D): void {
  requireClassifier("model", model);
  const shape = x.shape.slice(1);
  if (shapeText(shape) === shapeText(model.inputShape)) return;
  throw new RangeError(
    `Expected the images of x to be of the model's inputShape, ${shapeText(model.inputShape)}, ` +
      `but found ${shapeText(shape)}`,
  );
}

/**
 * {@linkcode requireBudget} with a model and labels that fit it and the images.
 *
 * @returns The options with their defaults, and the labels as plain integers.
 */
export function requireAttack(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: Parameters<typeof requireBudget>[1],
  norm?: Norm,
): ReturnType<typeof requireBudget> & { labels: Int32Array } {
  const budget = requireBudget(x, options, norm);
  requireInputShape(model, x);
  return { ...budget, labels: readLabels(y, x.shape[0], model.classes, "y") };
}

/**
 * Requires a model, images and labels that fit together, of attacks without a budget.
 *
 * @returns The labels as plain integers.
 * @throws {TypeError|RangeError} Naming the argument, the bound and the value found.
 */
export function requireLabelled(model: Classifier, x: tf.Tensor4D, y: tf.Tensor1D): Int32Array {
  requireImages(x);
  requireInputShape(model, x);
  return readLabels(y, x.shape[0], model.classes, "y");
}

/** Requires at least one step, and a length of steps that is not negative. */
export function requireSteps(steps: number, stepSize: number): void {
  requireInteger("steps", steps, { min: 1 });
  requireNumber("stepSize", stepSize, { min: 0 });
}

/** The error of an attack that a gradient led to what is not a number. */
export function brokenGradient(): NotFiniteError {
  return new NotFiniteError(
    "an input gradient of the attack",
    "The attack met an input gradient of model.forward that is not finite. Check the model's " +
      "weights, e.g. whether training diverged, and operations in forward whose gradient is not " +
      "finite everywhere, e.g. the square root at 0.",
  );
}

/**
 * Requires pixels or an input gradient to hold numbers: what is not finite on the way of an attack
 * would otherwise return as NaN pixels.
 *
 * @returns The tensor itself.
 * @throws {NotFiniteError} If a value is not finite; the tensor is disposed.
 */
export function requireFinitePixels(images: tf.Tensor4D): tf.Tensor4D {
  if (isFiniteTensor(images)) return images;
  images.dispose();
  throw brokenGradient();
}
