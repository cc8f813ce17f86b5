import { tf } from "./tf.ts";
import { defineOperation } from "./_define_operation.ts";
import { attribute, nativeOps } from "./native_op.ts";

/**
 * Larger logits count as this: the kernel forms differences and sums, which then stay finite in
 * float32 for any batch. Far above it and at it, softmax is the same.
 */
const LARGEST = 1e34;

const operation = defineOperation({
  forward: ({ logits, targets }) => {
    const [losses, softmaxMinusTargets] = nativeOps(
      "SoftmaxCrossEntropyWithLogits",
      [attribute.float32("T")],
      [tf.clipByValue(logits!, -LARGEST, LARGEST), targets!],
      2,
    );
    return { outputs: [losses!], saved: [softmaxMinusTargets!] };
  },
  gradient: ([dy], [softmaxMinusTargets]) => ({
    logits: () => tf.mul(tf.expandDims(dy!, 1), softmaxMinusTargets!),
  }),
});

/**
 * Cross entropy between softmax(logits) and target distributions, one value a row:
 * `-sum_k targets_k * log softmax(logits)_k`, by TensorFlow's fused kernel, which stays finite for
 * any finite logits.
 *
 * @param logits [n, k] raw scores.
 * @param targets [n, k] rows that sum to 1; no gradient flows into them.
 * @returns An owned tensor [n].
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "./tf.ts";
 * const loss = softmaxCrossEntropy(tf.tensor2d([[0, 0]]), tf.tensor2d([[1, 0]]));
 * assertAlmostEquals(loss.dataSync()[0]!, Math.log(2), 1e-6);
 * ```
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  return operation({ logits, targets }, {})[0] as tf.Tensor1D;
}
