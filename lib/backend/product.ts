/** Matrix products by TensorFlow's public kernel or by oneDNN's, as the kernel table says. */
import type { tf } from "./tf.ts";

import { type Library, PRODUCT_KINDS, type ProductKind } from "./kernel_choices.ts";
import { kernelTable } from "./kernel_table.ts";
import { attribute, nativeOp } from "./native_op.ts";
import { oneDnnOp } from "./onednn.ts";

const attributesOf = (first: string, second: string) =>
  Object.fromEntries(PRODUCT_KINDS.map((kind) => [kind, [
    attribute.float32("T"),
    attribute.bool(first, kind === "aT b"),
    attribute.bool(second, kind === "a bT"),
  ]])) as Record<ProductKind, ReturnType<typeof attribute.bool>[]>;
const MATRICES = attributesOf("transpose_a", "transpose_b");
const BATCHES = attributesOf("adj_x", "adj_y");

/**
 * The product of two matrices. Where the second factor is transposed, oneDNN's kernel for batches takes
 * half the time of its kernel for one product, which prepares the factor anew.
 */
export function product(
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  kind: ProductKind = "a b",
  library: Library = kernelTable().products[kind],
): tf.Tensor2D {
  if (library === "public") return nativeOp("MatMul", MATRICES[kind], [a, b]);
  return kind === "a bT"
    ? oneDnnOp("BatchMatMulV2", BATCHES[kind], [a, b])
    : oneDnnOp("MatMul", MATRICES[kind], [a, b]);
}

/** The products of the matrices in two tensors [batch, rows, columns]. */
export function batchProduct(
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  kind: ProductKind = "a b",
  library: Library = kernelTable().batchProducts,
): tf.Tensor3D {
  return library === "onednn"
    ? oneDnnOp("BatchMatMulV2", BATCHES[kind], [a, b])
    : nativeOp("BatchMatMulV2", BATCHES[kind], [a, b]);
}
