import type { tf } from "./tf.ts";
import { defineOperation } from "./_define_operation.ts";
import { attribute, nativeOp } from "./native_op.ts";

const operation = defineOperation({
  forward: ({ x }) => {
    const y = nativeOp("Relu", [attribute.float32("T")], [x!]);
    return { outputs: [y], saved: [y] };
  },
  gradient: ([dy], [y]) => ({
    x: () => nativeOp("ReluGrad", [attribute.float32("T")], [dy!, y!]),
  }),
});

/**
 * Rectified linear unit, `max(x, 0)`, with TensorFlow's native gradient kernel (TensorFlow.js
 * differentiates it through three elementwise kernels). The derivative at 0 is 0, as in PyTorch.
 *
 * @param x A float32 tensor of any shape.
 * @returns An owned tensor of the same shape.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "./tf.ts";
 * assertEquals([...relu(tf.tensor1d([-1, 2])).dataSync()], [0, 2]);
 * ```
 */
export function relu<T extends tf.Tensor>(x: T): T {
  return operation({ x }, {})[0] as T;
}
