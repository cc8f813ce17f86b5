import { tf } from "../backend/tf.ts";
import type { Objective } from "./_input_gradient.ts";

/**
 * By how much a target's logit exceeds the label's, `z_t - z_y`: negative while the label is likelier.
 *
 * @param labels n class indices.
 * @param targets n class indices, none of them its image's label.
 * @returns A differentiable function of logits [n, classes].
 */
export function logitGap(
  labels: ArrayLike<number>,
  targets: ArrayLike<number>,
  classes: number,
): Objective {
  const signs = new Float32Array(labels.length * classes);
  for (let image = 0; image < labels.length; image++) {
    signs[image * classes + labels[image]!] = -1;
    signs[image * classes + targets[image]!] = 1;
  }
  return (logits) => tf.sum(tf.mul(logits, tf.tensor2d(signs, [labels.length, classes])), 1);
}
