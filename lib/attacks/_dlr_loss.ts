import { tf } from "../backend/tf.ts";
import type { Objective } from "./_input_gradient.ts";

/** Keeps the quotient finite where the first and the third logit are equal. */
const SMALLEST_GAP = 1e-12;

/** Indices of the three largest entries of row[start, start + classes), the largest first. */
function topThree(
  row: ArrayLike<number>,
  start: number,
  classes: number,
): [number, number, number] {
  const order = Array.from({ length: classes }, (_, k) => k)
    .sort((a, b) => row[start + b]! - row[start + a]! || a - b);
  return order.slice(0, 3) as [number, number, number];
}

/** Losses and the derivative of each in its logits, row by row. */
function lossesAndSlopes(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number) {
  const losses = new Float32Array(labels.length);
  const slopes = new Float32Array(logits.length);
  for (let image = 0; image < labels.length; image++) {
    const start = image * classes;
    const label = labels[image]!;
    const [first, second, third] = topThree(logits, start, classes);
    const rival = first === label ? second : first;
    const gap = logits[start + first]! - logits[start + third]! + SMALLEST_GAP;
    const loss = -(logits[start + label]! - logits[start + rival]!) / gap;
    losses[image] = loss;
    // d (u / v) = (du - (u / v) dv) / v
    slopes[start + label]! -= 1 / gap;
    slopes[start + rival]! += 1 / gap;
    slopes[start + first]! -= loss / gap;
    slopes[start + third]! += loss / gap;
  }
  return { losses, slopes };
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
  return (logits) => {
    const operation = tf.customGrad((input, save) => {
      const z = input as tf.Tensor2D;
      const { losses, slopes } = lossesAndSlopes(z.dataSync(), labels, z.shape[1]);
      (save as tf.GradSaveFunc)([tf.tensor2d(slopes, z.shape)]);
      return {
        value: tf.tensor1d(losses),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(tf.expandDims(dy, 1), saved[0]!),
      };
    });
    return operation(logits) as tf.Tensor1D;
  };
}
