/**
 * Random draws per image. Image k's numbers depend on the seed, its place in the data set and the
 * number of the draw alone, so a result does not change with the batch it is computed in.
 */
import { tf } from "../backend/tf.ts";
import { generator } from "../random/generator.ts";
import type { Norm } from "./_requirements.ts";

type ImageShape = [number, number, number, number];

/** Which numbers are drawn. */
export interface Draw {
  readonly seed: number;
  /** The images' places in the data set. */
  readonly positions: ArrayLike<number>;
  /** Number of the draw: another number gives other values. */
  readonly draw: number;
}

/**
 * Uniform draws in [-1, 1).
 *
 * @returns An owned tensor of the given shape.
 */
export function uniformDraws(shape: ImageShape, { seed, positions, draw }: Draw): tf.Tensor4D {
  const perImage = shape[1] * shape[2] * shape[3];
  const values = new Float32Array(shape[0] * perImage);
  for (let image = 0, next = 0; image < shape[0]; image++) {
    const stream = generator(seed, positions[image]!, draw);
    for (const end = next + perImage; next < end; next++) values[next] = 2 * stream.uniform() - 1;
  }
  return tf.tensor4d(values, shape);
}

/**
 * Normal draws (their direction is uniform on the sphere) and one uniform radius in [0, 1) an image.
 *
 * @returns Owned tensors, [n, height, width, channels] and [n, 1, 1, 1].
 */
export function normalDraws(
  shape: ImageShape,
  { seed, positions, draw }: Draw,
): { directions: tf.Tensor4D; radii: tf.Tensor4D } {
  const perImage = shape[1] * shape[2] * shape[3];
  const values = new Float32Array(shape[0] * perImage);
  const radii = new Float32Array(shape[0]);
  for (let image = 0, next = 0; image < shape[0]; image++) {
    const stream = generator(seed, positions[image]!, draw);
    radii[image] = stream.uniform();
    for (const end = next + perImage; next < end; next++) values[next] = stream.normal();
  }
  return { directions: tf.tensor4d(values, shape), radii: tf.tensor4d(radii, [shape[0], 1, 1, 1]) };
}

/** Each image divided by its Euclidean norm; a zero image stays zero. */
export function unitLength(images: tf.Tensor4D): tf.Tensor4D {
  const pixels = [1, 2, 3];
  // A saturated model's gradient may be 1e-30: squares would underflow, so the scale goes first.
  const scaled = tf.divNoNan(images, tf.max(tf.abs(images), pixels, true));
  return tf.divNoNan(scaled, tf.sqrt(tf.sum(tf.square(scaled), pixels, true)));
}

/** x plus a random change of at most epsilon in the norm; not yet clipped. */
export function randomStart(
  x: tf.Tensor4D,
  epsilon: number,
  norm: Norm,
  draw: Draw,
): tf.Tensor4D {
  return tf.tidy(() => {
    if (norm === "linf") return tf.add(x, tf.mul(uniformDraws(x.shape, draw), epsilon));
    const { directions, radii } = normalDraws(x.shape, draw);
    return tf.add(x, tf.mul(unitLength(directions), tf.mul(radii, epsilon)));
  });
}

/**
 * x plus a random change whose length is epsilon in the norm; not yet clipped. As in the code of
 * AutoAttack's authors, each image's draws are stretched until their norm is epsilon.
 */
export function stretchedStart(
  x: tf.Tensor4D,
  epsilon: number,
  norm: Norm,
  draw: Draw,
): tf.Tensor4D {
  return tf.tidy(() => {
    if (norm === "l2") {
      return tf.add(x, tf.mul(unitLength(normalDraws(x.shape, draw).directions), epsilon));
    }
    const draws = uniformDraws(x.shape, draw);
    return tf.add(x, tf.mul(tf.divNoNan(draws, tf.max(tf.abs(draws), [1, 2, 3], true)), epsilon));
  });
}
