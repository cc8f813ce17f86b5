/** The one core of the gradient attacks: step along the input gradient, stay in the region. */
import { finiteProbe, isFiniteTensor } from "../backend/finite_probe.ts";
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { NotFiniteError } from "../nn/not_finite_error.ts";
import { evaluateWithGradient, type Objective } from "./_input_gradient.ts";
import type { Region } from "./_region.ts";

/** What is climbed (or descended, with a negative step), where and how far. */
export interface Climb {
  readonly model: Classifier;
  readonly objective: Objective;
  readonly region: Region;
  /** Negative: downhill, towards a target class. */
  readonly stepSize: number;
}

/** What a pass at a point gave. */
interface Pass {
  readonly logits: tf.Tensor2D;
  readonly gradient: tf.Tensor4D;
}

/**
 * The step along a gradient that is known. If the point or anything of its pass is not finite, all
 * pixels become NaN, and stay it in further steps: a sign or a clip may turn NaN into a number, and
 * an infinite logit of the label makes its loss 0, so neither pixels nor losses would show it.
 *
 * @returns An owned tensor of the point's shape, inside the region.
 */
export function stepAlong(
  { region, stepSize }: Climb,
  point: tf.Tensor4D,
  { logits, gradient }: Pass,
): tf.Tensor4D {
  return tf.tidy(() => {
    const next = region.ascend(point, gradient, stepSize);
    return tf.add<tf.Tensor4D>(next, finiteProbe([point, logits, gradient]));
  });
}

/**
 * One gradient step.
 *
 * @returns An owned tensor of the point's shape, inside the region; see {@linkcode stepAlong}.
 */
export function gradientStep(climb: Climb, point: tf.Tensor4D): tf.Tensor4D {
  const { logits, losses, gradient } = evaluateWithGradient(climb.model, point, climb.objective);
  const next = stepAlong(climb, point, { logits, gradient });
  tf.dispose([logits, losses, gradient]);
  return next;
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
 * Requires pixels or an input gradient to hold numbers: what is not finite on the way of an attack
 * would otherwise return as NaN pixels.
 *
 * @returns The tensor itself.
 * @throws {NotFiniteError} If a value is not finite; the tensor is disposed.
 */
export function requireFinitePixels(images: tf.Tensor4D): tf.Tensor4D {
  if (isFiniteTensor(images)) return images;
  images.dispose();
  throw new NotFiniteError(
    "an input gradient of the attack",
    "The attack met an input gradient that is not a number: the model's weights or logits are not " +
      "finite. Check them, e.g. whether training diverged.",
  );
}
