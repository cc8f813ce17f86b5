import { tf } from "../backend/tf.ts";

/** Gradients by parameter name. */
export type Gradients = Readonly<Record<string, tf.Tensor>>;

/** PyTorch's guard against a division by 0. */
const EPSILON = 1e-6;

/** [largest magnitude, sum of squares in units of it]: squares of 1e20 would overflow float32. */
function magnitude(gradient: tf.Tensor): tf.Tensor {
  const largest = tf.max(tf.abs(gradient));
  return tf.stack([largest, tf.sum(tf.square(tf.divNoNan(gradient, largest)))]);
}

/**
 * Measures the L2 norm of all gradients together, as one long vector; the sum over tensors runs in
 * double precision.
 *
 * @returns 0 without gradients.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * assertEquals(gradientNorm({ a: tf.tensor1d([3]), b: tf.tensor2d([[0, 4]]) }), 5);
 * ```
 */
export function gradientNorm(gradients: Gradients): number {
  const all = Object.values(gradients);
  if (all.length === 0) return 0;
  const pairs = tf.tidy(() => tf.stack(all.map(magnitude)));
  const values = pairs.dataSync();
  pairs.dispose();
  return Math.hypot(...all.map((_, k) => values[2 * k]! * Math.sqrt(values[2 * k + 1]!)));
}

/**
 * Scales gradients down to a greatest norm, all by one factor `min(1, most / (norm + 1e-6))`, as
 * `torch.nn.utils.clip_grad_norm_` does (Pascanu et al. 2013).
 *
 * @param gradients Stay the caller's.
 * @param norm Of {@linkcode gradientNorm}.
 * @param most The greatest norm, > 0.
 * @returns Owned tensors by the same names.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const { a } = clipGradients({ a: tf.tensor1d([6, 8]) }, 10, 5);
 * assertAlmostEquals(a!.dataSync()[0]!, 3, 1e-6);
 * ```
 */
export function clipGradients(
  gradients: Gradients,
  norm: number,
  most: number,
): Record<string, tf.Tensor> {
  const factor = Math.min(1, most / (norm + EPSILON));
  return Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)]),
  );
}
