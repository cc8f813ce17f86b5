import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { labelLoss } from "./_input_gradient.ts";
import { randomStart } from "./_random_start.ts";
import { type Norm, requireAttack, requireSteps } from "./_requirements.ts";
import { defaultStepSize } from "./default_step_size.ts";
import { climb, projection } from "./pgd.ts";

/** One attack by {@linkcode pgdSteps}. */
export interface PgdPlan {
  /** Budget in pixel units, > 0. */
  readonly epsilon: number;
  readonly steps: number;
  readonly norm: Norm;
  /** `true`: y holds classes to move towards. */
  readonly targeted: boolean;
  /** Of the random start. */
  readonly seed: number;
}

/**
 * PGD with a random start, one point at a time, so that a page can show each and stay alive between
 * them. The last point is that of `pgd` bit for bit.
 *
 * @param model Any classifier; its state is left alone.
 * @param x [n, height, width, channels] float32 pixels in [0, 1].
 * @param y [n] int32 labels, or target classes.
 * @returns The start and the point after each step, each an owned tensor of x's shape.
 * @throws {TypeError|RangeError} As `pgd`, at the first point.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { linearClassifier } from "../nn/linear_classifier.ts";
 * import { tf } from "../backend/tf.ts";
 * const model = linearClassifier([[1, 1], [-1, -1]]);
 * const x = tf.tensor4d([0.5, 0.125], [1, 1, 1, 2]);
 * const plan = { epsilon: 0.25, steps: 3, norm: "linf", targeted: false, seed: 0 } as const;
 * const points = [...pgdSteps(model, x, tf.tensor1d([0], "int32"), plan)];
 * assertEquals([points.length, ...points[3]!.dataSync()], [4, 0.25, 0]);
 * ```
 */
export function* pgdSteps(
  model: Classifier,
  x: tf.Tensor4D,
  y: tf.Tensor1D,
  { epsilon, steps, norm, targeted, seed }: PgdPlan,
): Generator<tf.Tensor4D, void> {
  const { labels, positions } = requireAttack(model, x, y, { epsilon, seed }, norm);
  const size = defaultStepSize({ epsilon, steps, randomStart: true });
  requireSteps(steps, size);
  let point: tf.Tensor4D = tf.tidy(() =>
    projection(x, epsilon, norm)(randomStart(x, epsilon, norm, { seed, positions, draw: 0 }))
  );
  yield point;
  for (let step = 0; step < steps; step++) {
    point = tf.tidy(() =>
      climb(point.clone(), 1, {
        model,
        loss: labelLoss(labels, model.classes),
        norm,
        stepSize: targeted ? -size : size,
        project: projection(x, epsilon, norm),
      })
    );
    yield point;
  }
}
