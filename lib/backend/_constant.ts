/**
 * Inputs of native kernels that never change: sizes, axes, row numbers, transform matrices. Each is
 * handed over once for the life of the process and lies outside TensorFlow.js's scopes, so no tidy
 * frees it and no count of tensors sees it.
 */
import type { tf } from "./tf.ts";
import { nativeBackend } from "./native_op.ts";

const made = new Map<string, tf.TensorInfo>();

function keep(key: string, make: () => tf.TensorInfo): tf.TensorInfo {
  const found = made.get(key) ?? make();
  made.set(key, found);
  return found;
}

function handOver(
  values: Int32Array | Float32Array,
  shape: readonly number[],
  dtype: "int32" | "float32",
): tf.TensorInfo {
  return { dataId: nativeBackend().write(values, [...shape], dtype), shape: [...shape], dtype };
}

/** A vector of a few integers, e.g. a shape or a permutation. */
export function integers(values: readonly number[]): tf.TensorInfo {
  return keep(
    `integers ${values}`,
    () => handOver(Int32Array.from(values), [values.length], "int32"),
  );
}

/** One integer as a scalar. */
export function integer(value: number): tf.TensorInfo {
  return keep(`integer ${value}`, () => handOver(Int32Array.of(value), [], "int32"));
}

/**
 * A vector of row numbers.
 *
 * @param key Names what `make` makes; no two makers share a key.
 */
export function rowNumbers(key: string, make: () => Int32Array): tf.TensorInfo {
  return keep(`rows ${key}`, () => {
    const rows = make();
    return handOver(rows, [rows.length], "int32");
  });
}

/**
 * A float32 matrix.
 *
 * @param key Names what `make` makes; no two makers share a key.
 */
export function matrix(key: string, make: () => readonly (readonly number[])[]): tf.TensorInfo {
  return keep(`matrix ${key}`, () => {
    const rows = make();
    return handOver(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length], "float32");
  });
}
