/**
 * Direct calls of TensorFlow's native kernels, for those that TensorFlow.js does not wrap, and a way
 * to give such a computation its own gradient.
 */
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

/** Tensors by name. */
export type Tensors = { readonly [name: string]: tf.Tensor };

/** How an operation computes and how its gradient is found. */
export interface Operation<Settings> {
  readonly name: string;
  /** The names of its inputs. */
  readonly inputs: readonly string[];
  /** Which of these the gradient needs. Default all. */
  readonly savedInputs?: readonly string[];
  /** Which outputs the gradient needs. Default none. */
  readonly savedOutputs?: readonly boolean[];
  forward(inputs: Tensors, settings: Settings): tf.Tensor[];
  /**
   * One closure for each differentiable input. Each is called only where that input's gradient is
   * asked for, so an attack never pays for the weights' gradients.
   */
  gradient(
    upstream: readonly tf.Tensor[],
    saved: { readonly inputs: Tensors; readonly outputs: readonly tf.Tensor[] },
    settings: Settings,
  ): { [name: string]: () => tf.Tensor };
}

/**
 * Defines a differentiable operation over native kernels.
 *
 * @returns A function that runs it on named inputs and records it on the tape.
 */
export function defineOperation<Settings extends object>(
  operation: Operation<Settings>,
): (inputs: Tensors, settings: Settings) => tf.Tensor[] {
  const kernelName = `Lab${operation.name}`;
  const savedInputs = [...(operation.savedInputs ?? operation.inputs)];
  // tfjs types tensors and attributes of kernels as open records; the casts below only name them.
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() => operation.forward(inputs as unknown as Tensors, attrs as unknown as Settings)),
  });
  tf.registerGradient({
    kernelName,
    inputsToSave: savedInputs,
    outputsToSave: [...(operation.savedOutputs ?? [])],
    gradFunc: (upstream, saved, attrs) => {
      const inputs = Object.fromEntries(savedInputs.map((name, k) => [name, saved[k]!]));
      const outputs = saved.slice(savedInputs.length);
      const dys = Array.isArray(upstream) ? upstream : [upstream];
      return operation.gradient(dys, { inputs, outputs }, attrs as unknown as Settings);
    },
  });
  return (inputs, settings) => {
    const result: unknown = tf.engine().runKernel(
      kernelName,
      inputs as unknown as tf.NamedTensorMap,
      settings as unknown as tf.NamedAttrMap,
    );
    return (Array.isArray(result) ? result : [result]) as tf.Tensor[];
  };
}
