import { tf } from "../backend/tf.ts";
import type { Objective } from "./_input_gradient.ts";

/** Keeps the quotient finite where the logits of its denominator are equal. */
const SMALLEST_GAP = 1e-12;

/** One class's share in a sum of logits. */
type Term = readonly [index: number, factor: number];

/** Minus a ratio of two sums of logits of one image. */
interface Ratio {
  readonly numerator: readonly Term[];
  readonly denominator: readonly Term[];
}

/** Indices of row[start, start + classes), the largest entry first. */
function descending(row: ArrayLike<number>, start: number, classes: number): number[] {
  return Array.from({ length: classes }, (_, k) => k)
    .sort((a, b) => row[start + b]! - row[start + a]! || a - b);
}

/** Losses and the derivative of each in its logits, row by row. */
function lossesAndSlopes(
  logits: ArrayLike<number>,
  images: number,
  ratioOf: (image: number, order: readonly number[]) => Ratio,
) {
  const classes = logits.length / images;
  const losses = new Float32Array(images);
  const slopes = new Float32Array(logits.length);
  for (let image = 0; image < images; image++) {
    const start = image * classes;
    const { numerator, denominator } = ratioOf(image, descending(logits, start, classes));
    const sum = (terms: readonly Term[]) =>
      terms.reduce((total, [k, factor]) => total + factor * logits[start + k]!, 0);
    const gap = sum(denominator) + SMALLEST_GAP;
    const loss = -sum(numerator) / gap;
    losses[image] = loss;
    // d (u / v) = (du - (u / v) dv) / v
    for (const [k, factor] of numerator) slopes[start + k]! -= factor / gap;
    for (const [k, factor] of denominator) slopes[start + k]! -= loss * factor / gap;
  }
  return { losses, slopes };
}

/** A differentiable function of logits from the ratio of each image. */
function ratioObjective(
  ratioOf: (image: number, order: readonly number[]) => Ratio,
): Objective {
  return (logits) => {
    const operation = tf.customGrad((input, save) => {
      const z = input as tf.Tensor2D;
      const { losses, slopes } = lossesAndSlopes(z.dataSync(), z.shape[0], ratioOf);
      (save as tf.GradSaveFunc)([tf.tensor2d(slopes, z.shape)]);
      return {
        value: tf.tensor1d(losses),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(tf.expandDims(dy, 1), saved[0]!),
      };
    });
    return operation(logits) as tf.Tensor1D;
  };
}

/**
 * The difference of logits ratio (Croce & Hein 2020, eq. 6), `-(z_y - max_{k != y} z_k) /
 * (z_(1) - z_(3))`, with z_(i) the i-th largest logit: positive once the image is
 * misclassified, and, unlike cross entropy, indifferent to the scale of the logits.
 *
 * @param labels n class indices.
 * @returns A differentiable function of logits [n, classes], classes >= 3.
 */
export function dlrObjective(labels: ArrayLike<number>): Objective {
  return ratioObjective((image, [first, second, third]) => {
    const label = labels[image]!;
    const rival = first === label ? second! : first!;
    return { numerator: [[label, 1], [rival, -1]], denominator: [[first!, 1], [third!, -1]] };
  });
}

/**
 * The ratio towards a target t (Croce & Hein 2020, eq. 7), `-(z_y - z_t) /
 * (z_(1) - (z_(3) + z_(4)) / 2)`: positive once t is likelier than the label.
 *
 * @param labels n class indices.
 * @param targets n class indices, none of them its image's label.
 * @returns A differentiable function of logits [n, classes], classes >= 4.
 */
export function targetedDlrObjective(
  labels: ArrayLike<number>,
  targets: ArrayLike<number>,
): Objective {
  return ratioObjective((image, [first, _second, third, fourth]) => ({
    numerator: [[labels[image]!, 1], [targets[image]!, -1]],
    denominator: [[first!, 1], [third!, -0.5], [fourth!, -0.5]],
  }));
}
