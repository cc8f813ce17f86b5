import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { tf } from "../backend/tf.ts";
import { requireNumber } from "../arguments/require.ts";
import { boundedLogits } from "./_bounded_logits.ts";
import { crossEntropy } from "./cross_entropy.ts";
import { requireLogits } from "./target_distribution.ts";

/** Options of {@linkcode tradesLoss}. */
export interface TradesLossOptions {
  /** Weight of the robust term, >= 0 (1 / lambda in the paper). Default 6. */
  readonly beta?: number | undefined;
}

const optionNames: OptionNames<TradesLossOptions> = { beta: true };

/** KL(softmax(p) || softmax(q)) per row, from logits. */
function divergence(p: tf.Tensor2D, q: tf.Tensor2D): tf.Tensor1D {
  const logP = tf.logSoftmax(boundedLogits(p));
  const logQ = tf.logSoftmax(boundedLogits(q));
  return tf.sum(tf.mul(tf.exp(logP), tf.sub(logP, logQ)), 1);
}

/**
 * TRADES' objective (Zhang et al. 2019, eq. 5, with the paper's choice of loss for multi-class
 * problems): `mean CE(f(x), y) + beta * mean KL(p(x) || p(x'))`. The gradient flows through both
 * sets of logits.
 *
 * @param logitsClean [n, classes] on the clean images x.
 * @param logitsAdversarial [n, classes] on the perturbed images x'.
 * @param labels [n] int32 class indices.
 * @returns An owned scalar.
 * @throws {TypeError|RangeError} If shapes or types disagree, a label or beta is out of range.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const clean = tf.tensor2d([[0, 0]]);
 * const labels = tf.tensor1d([0], "int32");
 * assertAlmostEquals(tradesLoss(clean, clean, labels).dataSync()[0]!, Math.log(2), 1e-6);
 * ```
 */
export function tradesLoss(
  logitsClean: tf.Tensor2D,
  logitsAdversarial: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: TradesLossOptions = {},
): tf.Scalar {
  requireKnownOptions("tradesLoss", options, optionNames);
  const { beta = 6 } = options;
  requireNumber("beta", beta, { min: 0 });
  requireLogits(logitsClean, "logitsClean");
  requireLogits(logitsAdversarial, "logitsAdversarial");
  if (String(logitsClean.shape) !== String(logitsAdversarial.shape)) {
    throw new RangeError(
      `Expected logitsAdversarial to have logitsClean's shape [${logitsClean.shape}] ` +
        `but found [${logitsAdversarial.shape}]`,
    );
  }
  return tf.tidy(() => {
    const robust = tf.mean<tf.Scalar>(divergence(logitsClean, logitsAdversarial));
    return tf.add<tf.Scalar>(crossEntropy(logitsClean, labels), tf.mul(robust, beta));
  });
}
