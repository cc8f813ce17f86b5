import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { tf } from "../backend/tf.ts";
import { requireNumber, requireParts } from "../arguments/require.ts";
import { detach, normalizeRows } from "./_similarities.ts";
import { readLabels } from "./target_distribution.ts";

/** Options of {@linkcode circleLoss}. */
export interface CircleLossOptions {
  /** The relaxation m. Default 0.4. */
  readonly margin?: number | undefined;
  /** The scale of the similarities, > 0. Default 80. */
  readonly gamma?: number | undefined;
}

const optionNames: OptionNames<CircleLossOptions> = { margin: true, gamma: true };

/** Stands for minus infinity where a pair does not take part; a difference of two stays finite. */
const EXCLUDED = -1e30;

/** 1 where the pair (row, column) takes part, else 0: same label or different, never itself. */
function pairMasks(labels: ArrayLike<number>): { positive: tf.Tensor2D; negative: tf.Tensor2D } {
  const n = labels.length;
  const positive = new Float32Array(n * n);
  const negative = new Float32Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      if (row === column) continue;
      (labels[row] === labels[column] ? positive : negative)[row * n + column] = 1;
    }
  }
  return { positive: tf.tensor2d(positive, [n, n]), negative: tf.tensor2d(negative, [n, n]) };
}

/** log sum exp over the pairs of each row that take part; about -1e30 where none does. */
function maskedLogSumExp(values: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor1D {
  const excluded = tf.mul(tf.sub(1, mask), EXCLUDED);
  return tf.logSumExp(tf.add(tf.mul(values, mask), excluded), 1);
}

/** Mean over the values above 0; 0 where there is none. */
function meanOfPositive(losses: tf.Tensor1D): tf.Scalar {
  const operation = tf.customGrad((input, save) => {
    const active = tf.cast(tf.greater(input as tf.Tensor1D, 0), "float32");
    const weights = tf.div(active, tf.maximum(tf.sum(active), 1));
    (save as tf.GradSaveFunc)([weights]);
    return {
      value: tf.sum(tf.mul(input as tf.Tensor1D, weights)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0]!),
    };
  });
  return operation(losses) as tf.Scalar;
}

/**
 * Circle Loss on pairs (Sun et al. 2020, eq. 4 with the self-paced weights of eq. 5). With cosine
 * similarities s, for each anchor over its positives p and negatives n:
 * `softplus(LSE_n(gamma a_n (s_n - m)) + LSE_p(-gamma a_p (s_p - (1 - m))))`, where
 * `a_p = [1 + m - s_p]+` and `a_n = [s_n + m]+` are held constant in the gradient. The result is the
 * mean over anchors whose loss is above 0; an anchor without a positive or a negative counts as 0.
 *
 * @param embeddings [n, d]; their length does not matter, a zero row has similarity 0 to all.
 * @param labels [n] int32 class indices.
 * @returns An owned scalar >= 0; differentiable in the embeddings.
 * @throws {TypeError} If embeddings are not float32 or labels not int32.
 * @throws {RangeError} If shapes disagree or an option is out of range.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * // Anchors 0 and 1 see a positive at similarity 1 and a negative at 0; anchor 2 has no positive.
 * const embeddings = tf.tensor2d([[1, 0], [2, 0], [0, 1]]);
 * const loss = circleLoss(embeddings, tf.tensor1d([0, 0, 1], "int32"), { margin: 0.4, gamma: 1 });
 * const expected = Math.log1p(Math.exp(0.4 * (0 - 0.4) - 0.4 * (1 - 0.6)));
 * assertAlmostEquals(loss.dataSync()[0]!, expected, 1e-6);
 * ```
 */
export function circleLoss(
  embeddings: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: CircleLossOptions = {},
): tf.Scalar {
  requireKnownOptions("circleLoss", options, optionNames);
  const { margin = 0.4, gamma = 80 } = options;
  requireNumber("margin", margin);
  requireNumber("gamma", gamma, { min: 0, exclusiveMin: true });
  requireParts("embeddings", embeddings, "a tensor", ["dtype", "shape"]);
  if (embeddings.dtype !== "float32" || embeddings.rank !== 2) {
    throw new TypeError(
      `Expected embeddings to be a float32 tensor [n, d] but found ${embeddings.dtype} [${embeddings.shape}]`,
    );
  }
  const classIndices = readLabels(labels, embeddings.shape[0], 2 ** 31);
  return tf.tidy(() => {
    const unit = normalizeRows(embeddings);
    const similarity = tf.matMul(unit, unit, false, true); // [n, n]
    const { positive, negative } = pairMasks(classIndices);

    const weightPositive = tf.relu(tf.sub(1 + margin, detach(similarity)));
    const weightNegative = tf.relu(tf.add(detach(similarity), margin));
    const pull = tf.mul<tf.Tensor2D>(
      tf.mul(weightPositive, tf.sub(similarity, 1 - margin)),
      -gamma,
    );
    const push = tf.mul<tf.Tensor2D>(tf.mul(weightNegative, tf.sub(similarity, margin)), gamma);

    const exponent = tf.add<tf.Tensor1D>(
      maskedLogSumExp(push, negative),
      maskedLogSumExp(pull, positive),
    );
    return meanOfPositive(tf.softplus(exponent));
  });
}
