/** A model's variables as a file holds them: PyTorch's layouts, and each with its own type. */
import { tf } from "../backend/tf.ts";
import type { RawTensor, StoredIntegers, StoredTensor } from "./safetensors.ts";

/** From tfjs's layout (HWIO, [in, out]) to PyTorch's (OIHW, [out, in]), and back. */
const TO_TORCH: Record<number, number[]> = { 2: [1, 0], 4: [3, 2, 0, 1] };
const FROM_TORCH: Record<number, number[]> = { 2: [1, 0], 4: [2, 3, 1, 0] };

/** Shape of a variable in a file. */
export function torchShape(shape: readonly number[]): number[] {
  const order = TO_TORCH[shape.length];
  return order ? order.map((axis) => shape[axis]!) : [...shape];
}

/**
 * A variable's values as they are stored.
 *
 * @throws {TypeError} Naming the variable, if its type is none that the format has.
 */
export function toStored(name: string, variable: tf.Tensor): StoredTensor | StoredIntegers {
  const { dtype } = variable;
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") {
    throw new TypeError(
      `Expected the variable ${name} to be float32, int32 or bool but found ${dtype}`,
    );
  }
  const order = TO_TORCH[variable.rank];
  const tensor = order ? tf.transpose(variable, order) : tf.clone(variable);
  const values = tensor.dataSync();
  tensor.dispose();
  const shape = torchShape(variable.shape);
  if (dtype === "float32") return { shape, values: values as Float32Array };
  return dtype === "int32"
    ? { shape, values: values as Int32Array, dtype: "I32" }
    : { shape, values: Uint8Array.from(values), dtype: "BOOL" };
}

/** How each type of whole numbers is read. */
const integers: Readonly<Record<string, (view: DataView, k: number) => number>> = {
  I8: (view, k) => view.getInt8(k),
  U8: (view, k) => view.getUint8(k),
  I16: (view, k) => view.getInt16(2 * k, true),
  U16: (view, k) => view.getUint16(2 * k, true),
  I32: (view, k) => view.getInt32(4 * k, true),
  U32: (view, k) => view.getUint32(4 * k, true),
  I64: (view, k) => Number(view.getBigInt64(8 * k, true)),
  U64: (view, k) => Number(view.getBigUint64(8 * k, true)),
};

/** Whole numbers that all fit an int32 variable, or truth values; else undefined. */
function wholeValues({ dtype, shape, bytes }: RawTensor, wanted: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = shape.reduce((product, size) => product * size, 1);
  const read = wanted === "bool"
    ? (dtype === "BOOL" ? integers["U8"] : undefined)
    : integers[dtype];
  if (read === undefined) return undefined;
  const values = Array.from({ length }, (_, k) => read(view, k));
  const least = wanted === "bool" ? 0 : -(2 ** 31);
  const most = wanted === "bool" ? 1 : 2 ** 31 - 1;
  if (values.some((value) => value < least || value > most)) return undefined;
  return wanted === "bool" ? Uint8Array.from(values) : Int32Array.from(values);
}

/** A stored tensor with the values that a variable takes. */
export type FittingTensor = StoredTensor | (Omit<StoredIntegers, "dtype">);

/**
 * What of a stored tensor fits a variable of a type: floats for float32, whole numbers in range for
 * int32, truth values for bool.
 *
 * @returns `undefined` if it does not fit.
 */
export function fitting(
  stored: StoredTensor | RawTensor,
  dtype: string,
): FittingTensor | undefined {
  if (!("bytes" in stored)) return dtype === "float32" ? stored : undefined;
  if (dtype === "float32") return undefined;
  const values = wholeValues(stored, dtype);
  return values && { shape: stored.shape, values };
}

/** A tensor in tfjs's layout and the type of a variable; the caller disposes it. */
export function fromStored({ shape, values }: FittingTensor, dtype: tf.DataType): tf.Tensor {
  const order = FROM_TORCH[shape.length];
  return tf.tidy(() => {
    const tensor = tf.tensor(values, [...shape], dtype);
    return order ? tf.transpose(tensor, order) : tensor;
  });
}
