/** A classifier's answers as plain numbers. */
import { tf } from "../backend/tf.ts";
import type { Classifier } from "../nn/classifier.ts";
import { forward } from "../nn/forward.ts";
import { NotFiniteError } from "../nn/not_finite_error.ts";

/**
 * Requires logits that are numbers: NaN would pass every comparison as "not larger".
 *
 * @returns The logits themselves.
 * @throws {NotFiniteError} If one is not finite.
 */
export function requireFiniteLogits<T extends ArrayLike<number>>(logits: T): T {
  for (let index = 0; index < logits.length; index++) {
    if (Number.isFinite(logits[index])) continue;
    throw new NotFiniteError(
      "a logit",
      `Expected model.forward to return finite logits but found ${logits[index]}; check its ` +
        "weights, e.g. whether training diverged, and what forward computes from them",
    );
  }
  return logits;
}

/** The class of the largest logit of each row, the first among equals, as argmax everywhere else. */
export function predictedClasses(logits: ArrayLike<number>, classes: number): Int32Array {
  const predicted = new Int32Array(logits.length / classes);
  for (let image = 0; image < predicted.length; image++) {
    const start = image * classes;
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (logits[start + k]! > logits[start + best]!) best = k;
    }
    predicted[image] = best;
  }
  return predicted;
}

/**
 * The logits of a batch in eval mode.
 *
 * @returns n x classes values, row-major.
 * @throws {NotFiniteError} If one is not finite.
 */
export function readLogits(model: Classifier, x: tf.Tensor4D): Float32Array {
  const logits = tf.tidy(() => forward(model, x).logits);
  const values = logits.dataSync<"float32">();
  logits.dispose();
  return requireFiniteLogits(values);
}

/** The predicted class of every image of a batch, in eval mode. */
export function predict(model: Classifier, x: tf.Tensor4D): Int32Array {
  return predictedClasses(readLogits(model, x), model.classes);
}
