/** Moving numbers without computing: new shapes, axes in another order, rows picked or summed. */
import type { tf } from "./tf.ts";
import { integer, integers } from "./_constant.ts";
import { attribute, nativeOp } from "./native_op.ts";

const RESHAPE = [attribute.float32("T"), attribute.int32("Tshape")];
const TRANSPOSE = [attribute.float32("T"), attribute.int32("Tperm")];
const GATHER = [
  attribute.float32("Tparams"),
  attribute.int32("Tindices"),
  attribute.int32("Taxis"),
  attribute.int("batch_dims", 0),
];
const SUM = [attribute.float32("T"), attribute.int32("Tindices"), attribute.int32("Tnumsegments")];

/** The same numbers in another shape. */
export function reshaped<T extends tf.Tensor>(x: tf.TensorInfo, shape: readonly number[]): T {
  return nativeOp<T>("Reshape", RESHAPE, [x, integers(shape)]);
}

/** x with its axes in the given order. */
export function transposed<T extends tf.Tensor>(x: tf.TensorInfo, order: readonly number[]): T {
  return nativeOp<T>("Transpose", TRANSPOSE, [x, integers(order)]);
}

/** The given rows of `source` [rows, c], one after another. */
export function gatherRows(source: tf.TensorInfo, rows: tf.TensorInfo): tf.Tensor2D {
  return nativeOp<tf.Tensor2D>("GatherV2", GATHER, [source, rows, integer(0)]);
}

/** Adds row k of `source` [k, c] to row rows[k] of `count` rows of zeros. */
export function sumIntoRows(
  source: tf.TensorInfo,
  rows: tf.TensorInfo,
  count: number,
): tf.Tensor2D {
  return nativeOp<tf.Tensor2D>("UnsortedSegmentSum", SUM, [source, rows, integer(count)]);
}
