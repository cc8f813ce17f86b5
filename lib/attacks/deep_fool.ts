import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireNumber } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { evaluateWithGradient } from "./_input_gradient.ts";
import { logitGap } from "./_logit_gap.ts";
import { requireFinitePixels, requireLabelled } from "./_requirements.ts";
import { predict } from "./answers.ts";

/** Options of {@linkcode deepFool}. */
export interface DeepFoolOptions {
  /** The most moves an image makes, >= 1. Default 50. */
  readonly steps?: number | undefined;
  /** By which share each move goes beyond the linearised boundary, >= 0. Default 0.02. */
  readonly overshoot?: number | undefined;
}

const optionNames: OptionNames<DeepFoolOptions> = { steps: true, overshoot: true };

/** The nearest linearised boundary of one image so far. */
interface Boundary {
  readonly distance: number;
  /** |z_k - z_y|. */
  readonly gap: number;
  /** The gradient of z_k - z_y, and its squared length. */
  readonly slope: Float32Array;
  readonly squares: number;
}

/** Of all wrong classes, the one whose linearised boundary is nearest to each image. */
function nearestBoundaries(
  model: Classifier,
  points: tf.Tensor4D,
  labels: readonly number[],
): (Boundary | undefined)[] {
  const nearest: (Boundary | undefined)[] = labels.map(() => undefined);
  const size = points.size / labels.length;
  for (let other = 0; other < model.classes - 1; other++) {
    const targets = labels.map((label) => other < label ? other : other + 1);
    const gap = logitGap(labels, targets, model.classes);
    const { logits, losses, gradient } = evaluateWithGradient(model, points, gap);
    const gaps = losses.dataSync<"float32">();
    const slopes = requireFinitePixels(gradient).dataSync<"float32">();
    tf.dispose([logits, losses, gradient]);
    for (const row of labels.keys()) {
      const slope = slopes.subarray(row * size, (row + 1) * size);
      const squares = slope.reduce((sum, value) => sum + value * value, 0);
      const distance = Math.abs(gaps[row]!) / Math.sqrt(squares);
      // A slope of zero has no boundary: its distance is infinite or not a number.
      if (!(distance < (nearest[row]?.distance ?? Infinity))) continue;
      nearest[row] = { distance, gap: Math.abs(gaps[row]!), slope, squares };
    }
  }
  return nearest;
}

/**
 * DeepFool (Moosavi-Dezfooli et al. 2016), L2: moves each image across the nearest of the linearised
 * boundaries to the wrong classes, again and again until the model is wrong. As in torchattacks, every
 * move overshoots by its own share and is clipped to [0, 1]. Has no budget: what it finds is short, but
 * neither bounded nor the shortest.
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 labels.
 * @returns An owned tensor of x's shape, in [0, 1]: the first images that fool the model, x itself
 * where it is misclassified already; where all steps do not suffice, where they ended.
 * @throws {TypeError} If x is not float32 of rank 4, or y not an int32 vector.
 * @throws {RangeError} If an option, a pixel or a label is out of range, or the lengths disagree.
 * @throws {NotFiniteError} If a logit or an input gradient on the way is not finite.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * // The boundary, where the pixels' sum is 1, is one move of 1.02 times (0.1, 0.1) away.
 * const model = linearClassifier([[1, 1], [-1, -1]], { bias: [-1, 1] });
 * const x = tf.tensor4d([0.5, 0.7], [1, 1, 1, 2]);
 * const [first, second] = deepFool(model, x, tf.tensor1d([0], "int32")).dataSync();
 * assertAlmostEquals(first!, 0.5 - 0.102, 1e-6);
 * assertAlmostEquals(second!, 0.7 - 0.102, 1e-6);
 * ```
 */
export function deepFool(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  options: DeepFoolOptions = {},
): tf.Tensor4D {
  requireKnownOptions("deepFool", options, optionNames);
  const labels = requireLabelled(model, x, y);
  const { steps = 50, overshoot = 0.02 } = options;
  requireInteger("steps", steps, { min: 1 });
  requireNumber("overshoot", overshoot, { min: 0 });
  const points = Float32Array.from(x.dataSync());
  const size = points.length / labels.length;
  const imageOf = (image: number) => points.subarray(image * size, (image + 1) * size);
  const batchOf = (images: readonly number[]) => {
    const pixels = new Float32Array(images.length * size);
    for (const [row, image] of images.entries()) pixels.set(imageOf(image), row * size);
    return tf.tensor4d(pixels, [images.length, x.shape[1], x.shape[2], x.shape[3]]);
  };
  let standing = [...labels.keys()];
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const predicted = predict(model, batchOf(standing));
      standing = standing.filter((image, row) => predicted[row] === labels[image]);
      if (standing.length === 0) return;
      const ofStanding = standing.map((image) => labels[image]!);
      const boundaries = nearestBoundaries(model, batchOf(standing), ofStanding);
      for (const [row, image] of standing.entries()) {
        const boundary = boundaries[row];
        if (boundary === undefined) continue;
        const point = imageOf(image);
        const factor = (1 + overshoot) * boundary.gap / boundary.squares;
        for (let k = 0; k < size; k++) {
          point[k] = Math.min(Math.max(point[k]! + factor * boundary.slope[k]!, 0), 1);
        }
      }
    });
    if (standing.length === 0) break;
  }
  return tf.tensor4d(points, x.shape);
}
