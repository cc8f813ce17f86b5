/**
 * Random draws per image. Image k's numbers depend on the seed, its place in the data set and the
 * number of the draw alone, so a result does not change with the batch it is computed in.
 */
import { tf } from "../backend/tf.ts";
import { generator } from "../random/generator.ts";

type ImageShape = [number, number, number, number];

/**
 * Uniform draws in [-1, 1).
 *
 * @returns An owned tensor of the given shape.
 */
export function uniformDraws(
  shape: ImageShape,
  seed: number,
  positions: ArrayLike<number>,
  draw: number,
): tf.Tensor4D {
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
  seed: number,
  positions: ArrayLike<number>,
  draw: number,
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
