/** Which wrong classes a targeted attack aims at. */
import { requireInteger } from "../arguments/require.ts";
import type { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { readLogits } from "./answers.ts";

/** As AutoAttack: all wrong classes of ten. */
const DEFAULT_TARGETS = 9;

/**
 * Requires a number of targets that a model has.
 *
 * @returns The number; by default 9, or all wrong classes where there are fewer.
 * @throws {RangeError} If there are not as many wrong classes.
 */
export function requireTargets(targets: number | undefined, classes: number): number {
  const most = classes - 1;
  if (targets === undefined) return Math.min(DEFAULT_TARGETS, most);
  requireInteger("targets (at most the classes of the model less one)", targets, {
    min: 1,
    max: most,
  });
  return targets;
}

/**
 * The wrong classes of each image, the likeliest on the clean image first.
 *
 * @returns One list a rank, classes - 1 of them, each with one class an image.
 */
export function targetsByRank(
  model: Classifier,
  x: tf.Tensor4D,
  labels: Int32Array,
): Int32Array[] {
  const { classes } = model;
  const logits = readLogits(model, x);
  const others = Array.from(labels, (label, image) => {
    const logit = (k: number) => logits[image * classes + k]!;
    return Array.from({ length: classes }, (_, k) => k)
      .filter((k) => k !== label)
      .sort((a, b) => logit(b) - logit(a) || a - b);
  });
  return Array.from(
    { length: classes - 1 },
    (_, rank) => Int32Array.from(others, (ranked) => ranked[rank]!),
  );
}
