import type { tf } from "./tf.ts";
import { integer, integers } from "./_constant.ts";
import { attribute, nativeOps } from "./native_op.ts";

/**
 * Cuts a vector into consecutive ones by one native kernel.
 *
 * @param vector [n] float32.
 * @param lengths Their lengths, which sum to n.
 * @returns Owned tensors.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "./tf.ts";
 * const [first, second] = splitVector(tf.tensor1d([1, 2, 3]), [1, 2]);
 * assertEquals([[...first!.dataSync()], [...second!.dataSync()]], [[1], [2, 3]]);
 * ```
 */
export function splitVector(vector: tf.Tensor1D, lengths: readonly number[]): tf.Tensor1D[] {
  const attributes = [
    attribute.float32("T"),
    attribute.int32("Tlen"),
    attribute.int("num_split", lengths.length),
  ];
  const inputs = [vector, integers(lengths), integer(0)];
  return nativeOps("SplitV", attributes, inputs, lengths.length) as tf.Tensor1D[];
}
