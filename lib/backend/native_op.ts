/** Direct calls of TensorFlow's native kernels, for those that TensorFlow.js does not wrap. */
import { tf } from "./tf.ts";

/** An attribute of a native kernel, in the binding's form. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The parts of tfjs-node's binding that this folder uses; the package declares no types for it. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_SHAPE: number;
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): { id: number; shape: number[]; dtype: number }[];
  deleteTensor(id: number): void;
}

interface NativeBackend {
  readonly binding: Binding;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  /** Registers values that the next kernel hands over to TensorFlow. */
  write(values: Int32Array | Float32Array, shape: number[], dtype: "int32" | "float32"): tf.DataId;
  createOutputTensor(metadata: { id: number; shape: number[]; dtype: number }): tf.Tensor;
}

/** tfjs-node's backend object with its undeclared members. */
export function nativeBackend(): NativeBackend {
  // tfjs declares only the portable interface; these members exist in tfjs-node 4.22.
  return tf.backend() as unknown as NativeBackend;
}

/** Makers of kernel attributes. */
export const attribute = {
  /** A type attribute; every kernel here works on float32. */
  float32: (name: string): Attribute => {
    const { binding } = nativeBackend();
    return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  },
  int32: (name: string): Attribute => {
    const { binding } = nativeBackend();
    return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 };
  },
  int: (name: string, value: number | readonly number[]): Attribute => ({
    name,
    type: nativeBackend().binding.TF_ATTR_INT,
    value,
  }),
  float: (name: string, value: number): Attribute => ({
    name,
    type: nativeBackend().binding.TF_ATTR_FLOAT,
    value,
  }),
  bool: (name: string, value: boolean): Attribute => ({
    name,
    type: nativeBackend().binding.TF_ATTR_BOOL,
    value,
  }),
  string: (name: string, value: string): Attribute => ({
    name,
    type: nativeBackend().binding.TF_ATTR_STRING,
    value,
  }),
};

/** Runs a native kernel with several outputs. */
export function nativeOps(
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly tf.TensorInfo[],
  outputs: number,
): tf.Tensor[] {
  return nativeBackend().executeMultipleOutputs(name, attributes, inputs, outputs);
}

/** Runs a native kernel with one output. */
export function nativeOp<T extends tf.Tensor = tf.Tensor>(
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly tf.TensorInfo[],
): T {
  return nativeOps(name, attributes, inputs, 1)[0] as T;
}
