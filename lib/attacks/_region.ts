import { tf } from "../backend/tf.ts";
import type { Norm } from "./_requirements.ts";
import { normalDraws, uniformDraws } from "./_random_start.ts";

/**
 * The set of allowed images around x, and how one gradient step moves in it. Everything here runs
 * outside the differentiated graph: a clip inside it would kill gradients at the border.
 */
export interface Region {
  /** One step of length `stepSize` (negative: downhill) along the gradient, back into the region. */
  ascend(point: tf.Tensor4D, gradient: tf.Tensor4D, stepSize: number | tf.Tensor): tf.Tensor4D;
  /** The nearest allowed image. */
  project(point: tf.Tensor4D): tf.Tensor4D;
  /** A random allowed image; image k of the batch draws from stream (seed, positions[k], draw). */
  randomPoint(seed: number, positions: ArrayLike<number>, draw: number): tf.Tensor4D;
  dispose(): void;
}

/** A region that is one interval a pixel. */
export interface Box extends Region {
  /** The lowest and the highest allowed image; they stay the box's. */
  bounds(): [low: tf.Tensor4D, high: tf.Tensor4D];
}

/** max |x' - x| <= epsilon and pixels in [0, 1]: one box, whose bounds are computed once. */
export function boxAround(x: tf.Tensor4D, epsilon: number): Box {
  const [low, high] = tf.tidy(() => [
    tf.maximum<tf.Tensor4D>(tf.sub(x, epsilon), 0),
    tf.minimum<tf.Tensor4D>(tf.add(x, epsilon), 1),
  ]) as [tf.Tensor4D, tf.Tensor4D];
  const project = (point: tf.Tensor4D) =>
    tf.tidy(() => tf.minimum<tf.Tensor4D>(tf.maximum(point, low), high));
  return {
    ascend: (point, gradient, stepSize) =>
      tf.tidy(() => project(tf.add(point, tf.mul(tf.sign(gradient), stepSize)))),
    project,
    randomPoint: (seed, positions, draw) =>
      tf.tidy(() => {
        const offsets = uniformDraws(x.shape, seed, positions, draw);
        return project(tf.add(x, tf.mul(offsets, epsilon)));
      }),
    bounds: () => [low, high],
    dispose: () => tf.dispose([low, high]),
  };
}

const PIXEL_AXES = [1, 2, 3];

/** Each image divided by its Euclidean norm; a zero image stays zero. */
function unitLength(images: tf.Tensor4D): tf.Tensor4D {
  // A saturated model's gradient may be 1e-30: squares would underflow, so the scale goes first.
  const largest = tf.max(tf.abs(images), PIXEL_AXES, true);
  const scaled = tf.divNoNan(images, largest);
  const norms = tf.sqrt(tf.sum(tf.square(scaled), PIXEL_AXES, true));
  return tf.divNoNan(scaled, norms);
}

/** ||x' - x||_2 <= epsilon and pixels in [0, 1]. */
function ballAround(x: tf.Tensor4D, epsilon: number): Region {
  const project = (point: tf.Tensor4D) =>
    tf.tidy(() => {
      const offset = tf.sub(point, x);
      const length = tf.sqrt(tf.sum(tf.square(offset), PIXEL_AXES, true));
      const factor = tf.minimum(tf.divNoNan(epsilon, tf.maximum(length, 1e-30)), 1);
      // Clipping moves every pixel towards x's own range, so it never leaves the ball.
      return tf.clipByValue(tf.add<tf.Tensor4D>(x, tf.mul(offset, factor)), 0, 1);
    });
  return {
    ascend: (point, gradient, stepSize) =>
      tf.tidy(() => project(tf.add(point, tf.mul(unitLength(gradient), stepSize)))),
    project,
    randomPoint: (seed, positions, draw) =>
      tf.tidy(() => {
        const { directions, radii } = normalDraws(x.shape, seed, positions, draw);
        const offsets = tf.mul(unitLength(directions), tf.mul(radii, epsilon));
        return project(tf.add(x, offsets));
      }),
    dispose: () => {},
  };
}

/**
 * The region of budget epsilon around x in the given norm, intersected with [0, 1].
 *
 * @returns A region that owns tensors (dispose it) and borrows x.
 */
export function regionAround(x: tf.Tensor4D, epsilon: number, norm: Norm): Region {
  return norm === "linf" ? boxAround(x, epsilon) : ballAround(x, epsilon);
}
