import { tf } from "../backend/tf.ts";
import { requireOneOf } from "../arguments/require.ts";

/** How per-sample losses become one value; "none" keeps them. */
export type Reduction = "mean" | "sum" | "none";

/**
 * Applies a reduction to per-sample losses.
 *
 * @param losses [n].
 * @returns An owned scalar, or the losses themselves with "none".
 * @throws {RangeError} If the reduction is none of the three.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * assertEquals(reduce(tf.tensor1d([1, 2]), "sum").dataSync()[0], 3);
 * ```
 */
export function reduce(losses: tf.Tensor1D, reduction: "none"): tf.Tensor1D;
export function reduce(losses: tf.Tensor1D, reduction: "mean" | "sum"): tf.Scalar;
export function reduce(losses: tf.Tensor1D, reduction: Reduction): tf.Tensor1D | tf.Scalar;
export function reduce(losses: tf.Tensor1D, reduction: Reduction): tf.Tensor1D | tf.Scalar {
  requireOneOf("reduction", reduction, ["mean", "sum", "none"]);
  if (reduction === "none") return losses;
  return reduction === "mean" ? tf.mean<tf.Scalar>(losses) : tf.sum<tf.Scalar>(losses);
}
