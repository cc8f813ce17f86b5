import { tf } from "../backend/tf.ts";

/** Rows shorter than this are divided by it, as in PyTorch's `normalize`. */
const SMALLEST_NORM = 1e-12;

/** Row norms that neither overflow nor underflow: the largest entry is factored out. */
function rowNorms(rows: tf.Tensor2D): tf.Tensor2D {
  const largest = tf.maximum(tf.max(tf.abs(rows), 1, true), SMALLEST_NORM);
  const scaled = tf.div(rows, largest);
  return tf.mul(largest, tf.sqrt(tf.sum(tf.square(scaled), 1, true)));
}

/**
 * Divides each row by its Euclidean norm. A zero row stays zero and gets no gradient: it has no
 * direction, and the plain quotient would send NaN or 1e12 times the gradient back.
 */
export function normalizeRows(rows: tf.Tensor2D): tf.Tensor2D {
  const operation = tf.customGrad((input, save) => {
    const x = input as tf.Tensor2D;
    const norms = rowNorms(x);
    const unit = tf.div(x, tf.maximum(norms, SMALLEST_NORM));
    // One over the norm, 0 for rows without a direction.
    const scale = tf.where(
      tf.greater(norms, SMALLEST_NORM),
      tf.div(1, tf.maximum(norms, SMALLEST_NORM)),
      tf.zerosLike(norms),
    );
    (save as tf.GradSaveFunc)([unit, scale]);
    return {
      value: unit,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [direction, inverseNorm] = saved as [tf.Tensor2D, tf.Tensor2D];
        const radial = tf.sum(tf.mul(dy, direction), 1, true);
        return tf.mul(tf.sub(dy, tf.mul(direction, radial)), inverseNorm);
      },
    };
  });
  return operation(rows) as tf.Tensor2D;
}

/** The same values, held constant in the gradient. */
export function detach<T extends tf.Tensor>(x: T): T {
  const operation = tf.customGrad((input) => ({
    value: (input as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }));
  return operation(x) as T;
}
