/**
 * oneDNN's own kernels, called by name. TensorFlow's switch `TF_ENABLE_ONEDNN_OPTS` would put them in
 * place of the public ones; the lab keeps it off, so that a public name always means the public
 * kernel, and asks for oneDNN's where they were measured to be faster. Builds of TensorFlow for
 * x86-64 have them from 2.9 on.
 */
import { tf } from "./tf.ts";
import { type Attribute, attribute, nativeOps } from "./native_op.ts";

/** Marks a call as one that the graph optimiser could have made; oneDNN's kernels want it. */
const REWRITTEN = attribute.string("_kernel", "MklNameChangeOp");

/** oneDNN's kernels that the lab calls, under their names in TensorFlow. */
const NAMES = {
  Conv2D: "_MklNativeConv2D",
  Conv2DBackpropInput: "_MklNativeConv2DBackpropInput",
  Conv2DBackpropFilter: "_MklNativeConv2DBackpropFilter",
  FusedBatchNormV3: "_MklNativeFusedBatchNormV3",
  FusedBatchNormGradV3: "_MklNativeFusedBatchNormGradV3",
  MaxPool: "_MklNativeMaxPool",
  MaxPoolGrad: "_MklNativeMaxPoolGrad",
  MatMul: "_MklMatMul",
  BatchMatMulV2: "_MklBatchMatMulV2",
} as const;
/** @internal */
export type OneDnnKernel = keyof typeof NAMES;

/** Runs one of oneDNN's kernels with several outputs. */
export function oneDnnOps(
  kernel: OneDnnKernel,
  attributes: readonly Attribute[],
  inputs: readonly tf.TensorInfo[],
  outputs: number,
): tf.Tensor[] {
  return nativeOps(NAMES[kernel], [...attributes, REWRITTEN], inputs, outputs);
}

/** Runs one of oneDNN's kernels with one output. */
export function oneDnnOp<T extends tf.Tensor>(
  kernel: OneDnnKernel,
  attributes: readonly Attribute[],
  inputs: readonly tf.TensorInfo[],
): T {
  return oneDnnOps(kernel, attributes, inputs, 1)[0] as T;
}

/** A small call of each kernel. */
function sampleCalls(): Record<OneDnnKernel, () => tf.Tensor[]> {
  const type = attribute.float32("T");
  const format = attribute.string("data_format", "NHWC");
  const padding = [
    attribute.string("padding", "VALID"),
    attribute.int("strides", [1, 1, 1, 1]),
    attribute.int("explicit_paddings", []),
  ];
  const norm = [type, attribute.float32("U"), attribute.bool("is_training", true), format];
  const pool = [type, format, attribute.int("ksize", [1, 1, 1, 1]), ...padding];
  const pooling = [...pool, attribute.bool("workspace_enabled", true)];
  const { explicit_paddings: _, ...poolGradient } = Object.fromEntries(
    pooling.map((one) => [one.name, one]),
  );
  const map = tf.ones([1, 1, 1, 1]);
  const size = tf.tensor1d([1, 1, 1, 1], "int32");
  const matrix = tf.ones([1, 1]);
  const vector = tf.ones([1]);
  const norms = () => oneDnnOps("FusedBatchNormV3", norm, [map, ...Array(4).fill(vector)], 6);
  const pools = () => oneDnnOps("MaxPool", pooling, [map], 2);
  return {
    Conv2D: () => oneDnnOps("Conv2D", [type, ...padding], [map, map], 1),
    Conv2DBackpropInput: () =>
      oneDnnOps("Conv2DBackpropInput", [type, ...padding], [size, map, map], 1),
    Conv2DBackpropFilter: () =>
      oneDnnOps("Conv2DBackpropFilter", [type, ...padding], [map, size, map], 1),
    FusedBatchNormV3: norms,
    FusedBatchNormGradV3: () =>
      oneDnnOps("FusedBatchNormGradV3", norm, [map, map, vector, ...norms().slice(3)], 5),
    MaxPool: pools,
    MaxPoolGrad: () => {
      const [y, workspace] = pools();
      return oneDnnOps("MaxPoolGrad", Object.values(poolGradient), [map, y!, map, workspace!], 1);
    },
    MatMul: () => oneDnnOps("MatMul", [type], [matrix, matrix], 1),
    BatchMatMulV2: () => oneDnnOps("BatchMatMulV2", [type], [matrix, matrix], 1),
  };
}

/** Those of oneDNN's kernels that this build of TensorFlow lacks: each is called once. */
export function missingOneDnnKernels(): OneDnnKernel[] {
  return tf.tidy(() => {
    const missing = Object.entries(sampleCalls()).filter(([, call]) => {
      try {
        call();
        return false;
      } catch {
        return true; // not registered; the kernel table then names public kernels only
      }
    });
    return missing.map(([kernel]) => kernel as OneDnnKernel);
  });
}
