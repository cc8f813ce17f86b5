import { tf } from "./tf.ts";
import { type Kernels, kernelsInUse } from "./device.ts";
import { attribute, defineOperation, nativeOp } from "./native_op.ts";
import { convolve, convolveFilterGradient, convolveInputGradient } from "./_convolution_kernels.ts";
import {
  isPatchConvolution,
  patchConvolve,
  patchesOf,
  patchFilterGradient,
  patchInputGradient,
} from "./_patch_convolution.ts";
import type { Geometry, Shape4 } from "./_convolution_rows.ts";
import {
  denseMatrix,
  isSmallMap,
  smallMapConvolve,
  smallMapFilterGradient,
  smallMapInputGradient,
} from "./_small_map_convolution.ts";
import { isStemConvolution, stemInputGradient } from "./_strided_input_gradient.ts";

/** Stride and symmetric zero padding of a convolution. */
export interface ConvolutionOptions {
  /** Step of the filter in both directions. Default 1. */
  readonly stride?: number;
  /** Zeros added on each of the four sides. Default 0. */
  readonly padding?: number;
  /** "plain": only TensorFlow's general kernels. Default: what suits the device. */
  readonly kernels?: Kernels;
}

type Form = "small map" | "patches" | "stem" | "general";

/** How a convolution is computed. The forms but "general" are shortcuts of a CPU. */
function formOf(x: Shape4, filter: Shape4, geometry: Geometry): Form {
  const { stride, padding, kernels = kernelsInUse() } = geometry;
  if (kernels === "plain") return "general";
  if (isSmallMap(x, filter, geometry)) return "small map";
  if (isPatchConvolution(x, filter, geometry)) return "patches";
  return isStemConvolution(x, filter, stride, padding) ? "stem" : "general";
}

/**
 * A filter in the form that is fastest for the maps it will meet. In eval mode it is made once for a
 * state of the weights, in training at each step.
 */
export interface PreparedFilter {
  readonly filter: tf.Tensor4D;
  /** The convolution as one matrix, on small maps. */
  readonly dense?: tf.Tensor2D;
}

/** Prepares a filter for maps of the given shape. */
export function prepareFilter(
  filter: tf.Tensor4D,
  inputShape: readonly [number, number, number, number],
  geometry: Geometry,
): PreparedFilter {
  if (formOf(inputShape, filter.shape, geometry) !== "small map") return { filter };
  return { filter, dense: denseMatrix(filter, inputShape, geometry) };
}

/** y = conv(x, filter). */
export function convolutionForward(
  x: tf.Tensor4D,
  { filter, dense }: PreparedFilter,
  geometry: Geometry,
): tf.Tensor4D {
  if (dense) return smallMapConvolve(x, dense, filter.shape, geometry);
  if (formOf(x.shape, filter.shape, geometry) === "patches") {
    return patchConvolve(patchesOf(x, filter.shape, geometry), filter, x.shape, geometry);
  }
  return convolve(x, filter, geometry.stride, geometry.padding);
}

/** The gradient with respect to x. */
export function convolutionInputGradient(
  dy: tf.Tensor4D,
  { filter, dense }: PreparedFilter,
  inputShape: readonly [number, number, number, number],
  geometry: Geometry,
): tf.Tensor4D {
  if (dense) return smallMapInputGradient(dy, dense, inputShape);
  const form = formOf(inputShape, filter.shape, geometry);
  if (form === "patches") return patchInputGradient(dy, filter, inputShape, geometry);
  if (form === "stem") return stemInputGradient(dy, filter, inputShape);
  return convolveInputGradient(dy, filter, inputShape, geometry.stride, geometry.padding);
}

/** The gradient with respect to the filter. */
export function convolutionFilterGradient(
  dy: tf.Tensor4D,
  x: tf.Tensor4D,
  filterShape: readonly [number, number, number, number],
  geometry: Geometry,
): tf.Tensor4D {
  const form = formOf(x.shape, filterShape, geometry);
  if (form === "small map") return smallMapFilterGradient(dy, x, filterShape, geometry);
  if (form === "patches") {
    return patchFilterGradient(dy, patchesOf(x, filterShape, geometry), filterShape);
  }
  return convolveFilterGradient(dy, x, filterShape, geometry.stride, geometry.padding);
}

const operation = defineOperation<Geometry>({
  forward: (inputs, geometry) => {
    const x = inputs.x as tf.Tensor4D;
    const prepared = prepareFilter(inputs.filter as tf.Tensor4D, x.shape, geometry);
    const { filter, dense } = prepared;
    const y = convolutionForward(x, prepared, geometry);
    return { outputs: [y], saved: dense ? [x, filter, dense] : [x, filter] };
  },
  gradient: ([upstream], saved, geometry) => {
    const dy = upstream as tf.Tensor4D;
    const [x, filter, dense] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor2D?];
    const prepared = dense ? { filter, dense } : { filter };
    return {
      x: () => convolutionInputGradient(dy, prepared, x.shape, geometry),
      filter: () => convolutionFilterGradient(dy, x, filter.shape, geometry),
    };
  },
});

/**
 * Two-dimensional convolution (cross-correlation) with symmetric zero padding, as PyTorch's
 * `conv2d`. tfjs's "same" differs from it for stride 2. Differentiable in both inputs.
 *
 * @param x [n, h, w, channels].
 * @param filter [kernel, kernel, channels, outputs] (HWIO).
 * @returns An owned tensor [n, floor((h + 2 padding - kernel) / stride) + 1, ..., outputs].
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "./tf.ts";
 * const y = convolution(tf.ones([1, 8, 8, 3]), tf.ones([3, 3, 3, 5]), { stride: 2, padding: 1 });
 * assertEquals(y.shape, [1, 4, 4, 5]);
 * ```
 */
export function convolution(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride = 1, padding = 0, kernels = kernelsInUse() }: ConvolutionOptions = {},
): tf.Tensor4D {
  return operation({ x, filter }, { stride, padding, kernels })[0] as tf.Tensor4D;
}

const biasOperation = defineOperation({
  forward: ({ x, bias }) => ({ outputs: [addBiasForward(x!, bias!)] }),
  gradient: ([dy]) => ({
    x: () => tf.clone(dy!),
    bias: () => biasGradient(dy!),
  }),
});

const biasAttributes = () => [
  attribute.float32("T"),
  attribute.string("data_format", "NHWC"),
];

/** x + bias by the native kernel. */
export function addBiasForward<T extends tf.Tensor>(x: T, bias: tf.Tensor): T {
  return nativeOp<T>("BiasAdd", biasAttributes(), [x, bias]);
}

/** The gradient of a bias: the sum over all axes but the last. */
export function biasGradient(dy: tf.Tensor): tf.Tensor1D {
  return nativeOp<tf.Tensor1D>("BiasAddGrad", biasAttributes(), [dy]);
}

/**
 * Adds one number per channel (the last axis), with native kernels in both directions.
 *
 * @param x [..., c], at least two axes.
 * @param bias [c].
 * @returns An owned tensor of x's shape.
 */
export function addBias<T extends tf.Tensor>(x: T, bias: tf.Tensor1D): T {
  return biasOperation({ x, bias }, {})[0] as T;
}
