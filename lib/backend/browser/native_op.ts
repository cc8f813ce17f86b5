/**
 * The native kernels that forward passes and input gradients call, by TensorFlow.js's kernels: stands
 * for `../native_op.ts` in a browser. Kernels that only training needs are missing.
 */
import { tf } from "../tf.ts"; // in a browser, the twin beside this file

/** A setting of a kernel. */
export interface Attribute {
  readonly name: string;
  readonly value: unknown;
}

const made = (name: string, value: unknown): Attribute => ({ name, value });

/** Makers of kernel attributes. */
export const attribute = {
  float32: (name: string): Attribute => made(name, "float32"),
  int32: (name: string): Attribute => made(name, "int32"),
  int: (name: string, value: number | readonly number[]): Attribute => made(name, value),
  float: (name: string, value: number): Attribute => made(name, value),
  bool: (name: string, value: boolean): Attribute => made(name, value),
  string: (name: string, value: string): Attribute => made(name, value),
};

/** A kernel's settings by name. */
type Settings = Readonly<Record<string, unknown>>;

/** Computes a kernel's outputs from its inputs. */
type Kernel = (inputs: readonly tf.Tensor[], settings: Settings) => tf.Tensor[];

/** Constants never reach a backend, so that a change of backend leaves them valid. */
export function nativeBackend(): { write(values: Int32Array | Float32Array): tf.DataId } {
  return { write: (values) => values };
}

/** The numbers of a constant, which `write` took, or of a tensor. */
function numbersOf(x: tf.TensorInfo): number[] {
  const { dataId } = x;
  return ArrayBuffer.isView(dataId)
    ? [...dataId as Int32Array]
    : [...(x as tf.Tensor).dataSync<"int32">()];
}

/** Stride of a kernel over maps. */
const strideOf = ({ strides }: Settings) => (strides as number[])[1]!;

/** "SAME" and "VALID" in TensorFlow.js's words; explicit zeros as pairs. */
function paddingOf({ padding, explicit_paddings: zeros }: Settings) {
  if (padding !== "EXPLICIT") return padding === "SAME" ? "same" : "valid";
  const [, , top, bottom, left, right] = zeros as number[];
  return [[0, 0], [top!, bottom!], [left!, right!], [0, 0]] as [
    [number, number],
    [number, number],
    [number, number],
    [number, number],
  ];
}

const KERNELS: Readonly<Record<string, Kernel>> = {
  Conv2D: ([x, filter], settings) => [
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strideOf(settings), paddingOf(settings)),
  ],
  Conv2DBackpropInput: ([sizes, filter, dy], settings) => [
    tf.engine().runKernel(
      "Conv2DBackpropInput",
      { dy: dy!, filter: filter! },
      {
        strides: strideOf(settings),
        pad: paddingOf(settings),
        dataFormat: "NHWC",
        inputShape: numbersOf(sizes!),
      },
    ) as tf.Tensor,
  ],
  BiasAdd: ([x, bias]) => [tf.add(x!, bias!)],
  BiasAddGrad: ([dy]) => [tf.sum(dy!, [...dy!.shape.keys()].slice(0, -1))],
  Relu: ([x]) => [tf.relu(x!)],
  ReluGrad: ([dy, y]) => [tf.mul(dy!, tf.step(y!))],
  MaxPool: ([x], settings) => [
    tf.maxPool(x as tf.Tensor4D, (settings["ksize"] as number[])[1]!, strideOf(settings), "valid"),
  ],
  MaxPoolGrad: ([input, output, dy], settings) => [
    tf.engine().runKernel("MaxPoolGrad", { dy: dy!, input: input!, output: output! }, {
      filterSize: (settings["ksize"] as number[])[1]!,
      strides: strideOf(settings),
      pad: "valid",
    }) as tf.Tensor,
  ],
  SoftmaxCrossEntropyWithLogits: ([logits, targets]) => {
    const shifted = tf.sub(logits!, tf.max(logits!, 1, true));
    const logarithms = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
    // Not targets * logarithms: 0 * -Infinity would be NaN.
    const losses = tf.neg(tf.sum(tf.mul(targets!, tf.maximum(logarithms, -3e38)), 1));
    return [losses, tf.sub(tf.exp(logarithms), targets!)];
  },
  // First weights: a page's networks take theirs from a file, and eleven million draws take a second.
  StatelessRandomNormal: ([sizes]) => [tf.zeros(numbersOf(sizes!))],
  StatelessRandomUniform: ([sizes]) => [tf.zeros(numbersOf(sizes!))],
};

/**
 * Runs a kernel with several outputs.
 *
 * @throws {Error} If it is none of those above.
 */
export function nativeOps(
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly tf.TensorInfo[],
): tf.Tensor[] {
  const kernel = KERNELS[name];
  if (kernel === undefined) {
    throw new Error(`A browser has no kernel ${name}: it evaluates and attacks, it does not train`);
  }
  const settings = Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
  return kernel(inputs as readonly tf.Tensor[], settings);
}

/** Runs a kernel with one output. */
export function nativeOp<T extends tf.Tensor = tf.Tensor>(
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly tf.TensorInfo[],
): T {
  return nativeOps(name, attributes, inputs)[0] as T;
}
