import { tf } from "../../lib/backend/tf.ts";
import type { Dataset } from "../../lib/data/dataset.ts";
import type { Classifier } from "../../lib/nn/classifier.ts";
import { generator } from "../../lib/random/generator.ts";
import { predict } from "../../lib/attacks/answers.ts";

/** int32 labels. */
export const ints = (values: ArrayLike<number>) => tf.tensor1d(Int32Array.from(values), "int32");

/** Random images, a tenth of their pixels on the border of [0, 1]. */
export function randomImages(n: number, shape: readonly number[], seed = 0): tf.Tensor4D {
  const draw = generator(seed);
  const size = shape.reduce((product, length) => product * length, n);
  const values = Float32Array.from(
    { length: size },
    () => draw.uniform() < 0.1 ? draw.integer(2) : draw.uniform(),
  );
  return tf.tensor4d(values, [n, ...shape] as [number, number, number, number]);
}

/** Random bytes with the model's own predictions as labels, some of them made wrong. */
export function labelledByModel(
  model: Classifier,
  length: number,
  { seed = 0, wrong = 0, levels }: {
    seed?: number;
    wrong?: number;
    /** The bytes that occur; all without. */
    levels?: readonly number[];
  } = {},
): Dataset {
  const draw = generator(seed, 1);
  const size = model.inputShape.reduce((product, side) => product * side);
  const images = Uint8Array.from(
    { length: length * size },
    () => levels ? levels[draw.integer(levels.length)]! : draw.integer(256),
  );
  const pixels = Float32Array.from(images, (byte) => byte / 255);
  const x = tf.tensor4d(pixels, [length, ...model.inputShape]);
  const labels = Uint8Array.from(predict(model, x));
  for (let image = 0; image < wrong; image++) labels[image] = (labels[image]! + 1) % model.classes;
  x.dispose();
  return {
    name: "cifar10",
    split: "test",
    imageShape: model.inputShape,
    source: "procedural",
    images,
    labels,
    classNames: Array.from({ length: model.classes }, (_, k) => `class ${k}`),
    length,
    describe: () => `${length} random images`,
  };
}

/** The largest difference between two tensors. */
export function distance(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);
}

/** Bit-for-bit equality of values. */
export function sameBits(a: tf.Tensor, b: tf.Tensor): boolean {
  const [left, right] = [a.dataSync(), b.dataSync()];
  return left.length === right.length && left.every((value, k) => Object.is(value, right[k]));
}

/** Mean cross entropy of the labels. */
export function meanLoss(model: Classifier, x: tf.Tensor4D, y: tf.Tensor1D): number {
  return tf.tidy(() => {
    const { logits } = model.forward(x);
    const targets = tf.oneHot(y, model.classes, 1, 0, "float32");
    return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1))).dataSync()[0]!;
  });
}

/** A model that notes in `calls` how many images each call asks about. */
export function counting(model: Classifier, calls: number[]): Classifier {
  return {
    ...model,
    forward(x, options) {
      calls.push(x.shape[0]);
      return model.forward(x, options);
    },
  };
}
