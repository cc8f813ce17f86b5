/** The one core of the gradient attacks: step along the input gradient, stay in the region. */
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { inputGradient, type Objective } from "./_input_gradient.ts";
import type { Region } from "./_region.ts";

/** What is climbed (or descended, with a negative step), where and how far. */
export interface Climb {
  readonly model: Classifier;
  readonly objective: Objective;
  readonly region: Region;
  /** Negative: downhill, towards a target class. */
  readonly stepSize: number;
}

/**
 * One gradient step.
 *
 * @returns An owned tensor of the point's shape, inside the region.
 */
export function gradientStep(
  { model, objective, region, stepSize }: Climb,
  point: tf.Tensor4D,
): tf.Tensor4D {
  return tf.tidy(() => region.ascend(point, inputGradient(model, point, objective), stepSize));
}

/**
 * Several gradient steps. No value is read back in between.
 *
 * @param point The start; it is consumed.
 * @param onStep Sees every new point with its number, counted from 1; it may not keep the tensor.
 * @returns An owned tensor, inside the region.
 */
export function gradientSteps(
  climb: Climb,
  point: tf.Tensor4D,
  steps: number,
  onStep?: (point: tf.Tensor4D, step: number) => void,
): tf.Tensor4D {
  for (let step = 1; step <= steps; step++) {
    const next = gradientStep(climb, point);
    point.dispose();
    point = next;
    onStep?.(point, step);
  }
  return point;
}

/**
 * Requires an attack's result to hold numbers: a NaN gradient would otherwise return as NaN pixels.
 *
 * @returns The images themselves.
 * @throws {Error} If a pixel is not finite; the images are disposed.
 */
export function requireFinitePixels(images: tf.Tensor4D): tf.Tensor4D {
  const total = tf.tidy(() => tf.sum(images).dataSync()[0]!);
  if (Number.isFinite(total)) return images;
  images.dispose();
  throw new Error(
    "The attack met an input gradient that is not a number: the model's weights or logits are not " +
      "finite. Check them, e.g. whether training diverged.",
  );
}
