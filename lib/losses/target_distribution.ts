import { tf } from "../backend/tf.ts";
import { requireInteger, requireParts } from "../arguments/require.ts";

/**
 * Reads labels and checks them: a label without a logit would otherwise count as a loss of 0.
 *
 * @param labels [n] int32 class indices.
 * @param samples The n that the other argument has.
 * @param classes The number of classes, >= 1.
 * @param name The argument's name in errors.
 * @returns The labels as plain integers.
 * @throws {TypeError} If labels is not an int32 vector.
 * @throws {RangeError} If its length is not `samples`, or a label is outside [0, classes).
 * @example
 * ```ts
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * assertThrows(() => readLabels(tf.tensor1d([3], "int32"), 1, 3), RangeError, "labels[0]");
 * ```
 */
export function readLabels(
  labels: tf.Tensor1D,
  samples: number,
  classes: number,
  name = "labels",
): Int32Array {
  requireParts(name, labels, "a tensor", ["dtype", "shape"]);
  if (labels.dtype !== "int32" || labels.rank !== 1) {
    throw new TypeError(
      `Expected ${name} to be an int32 tensor of rank 1 but found ${labels.dtype} of rank ${labels.rank}`,
    );
  }
  if (labels.size !== samples || samples === 0) {
    throw new RangeError(
      `Expected ${name} to hold one class for each of ${samples} samples (at least 1) but found ${labels.size}`,
    );
  }
  const values = labels.dataSync<"int32">();
  for (let sample = 0; sample < values.length; sample++) {
    const label = values[sample]!;
    if (label < 0 || label >= classes) {
      requireInteger(`${name}[${sample}]`, label, { min: 0, max: classes - 1 });
    }
  }
  return values;
}

/**
 * Target distributions with one value on the label and another on every other class.
 *
 * @param labels n class indices in [0, classes).
 * @returns An owned tensor [n, classes].
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals([...targetDistribution([1], 3, 1, 0).dataSync()], [0, 1, 0]);
 * ```
 */
export function targetDistribution(
  labels: ArrayLike<number>,
  classes: number,
  onLabel: number,
  onOthers: number,
): tf.Tensor2D {
  const values = new Float32Array(labels.length * classes).fill(onOthers);
  for (let sample = 0; sample < labels.length; sample++) {
    values[sample * classes + labels[sample]!] = onLabel;
  }
  return tf.tensor2d(values, [labels.length, classes]);
}

/**
 * Requires logits of rank 2 with at least one class.
 *
 * @throws {TypeError|RangeError} Naming the argument and the shape found.
 */
export function requireLogits(logits: tf.Tensor2D, name = "logits"): void {
  requireParts(name, logits, "a tensor", ["dtype", "shape"]);
  if (logits.dtype !== "float32") {
    throw new TypeError(`Expected ${name} to be float32 but found ${logits.dtype}`);
  }
  if (logits.rank !== 2 || logits.shape[1] < 1) {
    throw new RangeError(`Expected ${name} to have shape [n, classes] but found [${logits.shape}]`);
  }
}
