/** What the convolutions that become matrix products share: geometry, and moving rows of channels. */
import { tf } from "./tf.ts";
import type { Kernels } from "./device.ts";
import { attribute, nativeOp } from "./native_op.ts";

/** Stride and symmetric zero padding. */
export interface Geometry {
  readonly stride: number;
  readonly padding: number;
  /** Default {@linkcode kernelsInUse}. */
  readonly kernels?: Kernels;
}

export type Shape4 = readonly [number, number, number, number];

export function outputSize(size: number, kernel: number, { stride, padding }: Geometry): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

/** [kernel, kernel, channels, outputs] as [kernel kernel channels, outputs]. */
export function flattenedFilter(filter: tf.Tensor4D): tf.Tensor2D {
  const [height, width, channels, outputs] = filter.shape;
  return tf.reshape(filter, [height * width * channels, outputs]);
}

/** The given rows of `source` [rows, c], one after another, in the given shape. */
export function gatherRows<T extends tf.Tensor>(
  source: tf.Tensor,
  rows: Int32Array,
  shape: number[],
): T {
  const attributes = [
    attribute.float32("Tparams"),
    attribute.int32("Tindices"),
    attribute.int32("Taxis"),
    attribute.int("batch_dims", 0),
  ];
  const inputs = [source, tf.tensor1d(rows, "int32"), tf.scalar(0, "int32")];
  return tf.reshape(nativeOp("GatherV2", attributes, inputs), shape) as T;
}

/** Adds row k of `source` [..., c] to row rows[k] of zeros of the given shape [..., c]. */
export function sumIntoRows(
  source: tf.Tensor,
  rows: Int32Array,
  shape: Shape4,
): tf.Tensor4D {
  const attributes = [
    attribute.float32("T"),
    attribute.int32("Tindices"),
    attribute.int32("Tnumsegments"),
  ];
  const count = tf.scalar(shape[0] * shape[1] * shape[2], "int32");
  const inputs = [source, tf.tensor1d(rows, "int32"), count];
  return tf.reshape(nativeOp("UnsortedSegmentSum", attributes, inputs), [...shape]);
}
