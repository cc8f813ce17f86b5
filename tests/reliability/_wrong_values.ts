/** Wrong values of each kind of argument, and what calls with them need besides. */
import * as lab from "../../lib/mod.ts";
import { tf } from "../../lib/backend/tf.ts";
import { constantImages } from "../data/fixtures.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";

/** Numbers out of a range, and values that are no numbers. */
export const notNumbers = [NaN, Infinity, "0.5", null, {}];
export const share = [...notNumbers, -0.1, 1.1];
export const notNegative = [...notNumbers, -0.1];
export const positive = [...notNegative, 0];
export const count = [...notNumbers, 0, -1, 1.5];
export const seed = [...notNumbers, 0.5];
export const choice = ["nonsense", 3, null];
/** Names of no evaluation. */
export const evaluation = ["nonsense", 3];
/** Where null stands for "not given". */
export const given = (values: readonly unknown[]) => values.filter((value) => value !== null);

/** An argument, values that it must not have, and a call with one of them. */
export type Argument = readonly [
  name: string,
  values: readonly unknown[],
  call: (value: never) => unknown,
];

/** What every call can use; nothing is computed, since every call is refused. */
export function fixtures() {
  const logits = tf.zeros([2, 10]) as tf.Tensor2D;
  const labels = tf.tensor1d([0, 1], "int32");
  const p = lab.predictionsFromLogits(Float32Array.of(1, 0, 0, 1, 2, 0, 0, 3), [0, 1, 0, 1], 2);
  return {
    model: tinyClassifier(1),
    data: constantImages(20),
    x: tf.zeros([2, 32, 32, 3]) as tf.Tensor4D,
    logits,
    labels,
    p,
    features: Float32Array.from({ length: 40 }, (_, k) => Math.sin(k)),
    groups: Array.from({ length: 20 }, (_, k) => k % 2),
    spec: lab.specById("quick", "svhn-baseline"),
  };
}

/** Labels and shapes that do not fit two images of ten classes. */
export const wrongLabels = [
  tf.tensor1d([0, 10], "int32"),
  tf.tensor1d([-1, 0], "int32"),
  tf.tensor1d([0], "int32"),
  [0, 1],
  null,
];
export const wrongImages = [
  tf.zeros([2, 32, 32]),
  tf.zeros([2, 32, 32, 3], "int32"),
  tf.fill([2, 32, 32, 3], 2),
  tf.fill([2, 32, 32, 3], NaN),
  tf.zeros([0, 32, 32, 3]),
  [[1]],
];
export const wrongLogits = [
  tf.zeros([2]),
  tf.zeros([2, 10, 1]),
  tf.zeros([2, 10], "int32"),
  [1],
  null,
];

/** The arguments of public functions, by the functions' names. */
export type Table = Readonly<Record<string, readonly Argument[]>>;
