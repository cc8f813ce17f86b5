import { tf } from "./tf.ts";
import { classOf } from "./convolution_class.ts";
import {
  type ConvolutionForm,
  filterGradientBy,
  type FormOf,
  forwardBy,
  type Geometry,
  inputGradientBy,
  type Pass,
  type Problem,
  type Shape4,
} from "./convolution_form.ts";
import type { FormName } from "./kernel_choices.ts";
import { MATRIX_FORM } from "./_matrix_convolution.ts";
import { ONEDNN_FORM, PUBLIC_FORM } from "./_native_convolution.ts";
import { PATCH_FORM } from "./_patch_convolution.ts";
import { STEM_FORM } from "./_stem_convolution.ts";
import { TURNED_FORM } from "./_turned_convolution.ts";
import { WINOGRAD_FORM } from "./_winograd_convolution.ts";
import { type Kernels, kernelsInUse } from "./device.ts";
import { kernelTable } from "./kernel_table.ts";
import { defineOperation } from "./_define_operation.ts";
import { attribute, nativeOp } from "./native_op.ts";

/** Stride and symmetric zero padding of a convolution. */
export interface ConvolutionOptions {
  /** Step of the filter in both directions. Default 1. */
  readonly stride?: number;
  /** Zeros added on each of the four sides. Default 0. */
  readonly padding?: number;
  /** "plain": only TensorFlow's public kernels. Default: what suits the device. */
  readonly kernels?: Kernels;
}

/** Stride and padding, and which kernels may compute. */
export interface Settings extends Geometry {
  /** Default: what suits the device. */
  readonly kernels?: Kernels;
}

/** The ways to compute a convolution. */
export const CONVOLUTION_FORMS: Readonly<Record<FormName, ConvolutionForm>> = {
  public: PUBLIC_FORM,
  onednn: ONEDNN_FORM,
  matrix: MATRIX_FORM,
  patches: PATCH_FORM,
  winograd: WINOGRAD_FORM,
  stem: STEM_FORM,
  turned: TURNED_FORM,
};

function problemOf(input: Shape4, filter: Shape4, { stride, padding }: Geometry): Problem {
  return { input, filter, stride, padding };
}

/** The form that the kernel table names, with the pass that it is named for. */
function formOf<P extends Pass>(
  pass: P,
  problem: Problem,
  kernels?: Kernels,
): FormOf<P> {
  const table = kernelTable(kernels);
  const kind = classOf(problem);
  const name = table.convolutions[kind][pass];
  const form = CONVOLUTION_FORMS[name];
  if (form[pass] === undefined || !form.fits(problem)) {
    throw new RangeError(
      `Expected the kernel table ${table.name} to name a form that computes the ${pass} of ` +
        `${kind} but found "${name}"; run: npx --yes deno@2.9.6 task tune`,
    );
  }
  return form as FormOf<P>;
}

/**
 * A filter in the forms that are fastest for the maps it will meet. In eval mode it is made once for
 * a state of the weights, in training at each step.
 */
export interface PreparedFilter {
  readonly filter: tf.Tensor4D;
  /** As the forward pass wants it; `filter` itself where that is all. */
  readonly forward: tf.Tensor;
  /** As the input gradient wants it; `filter` or `forward` itself where that is all. */
  readonly inputGradient: tf.Tensor;
}

/** Prepares a filter for maps of the given shape. */
export function prepareFilter(
  filter: tf.Tensor4D,
  inputShape: Shape4,
  settings: Settings,
): PreparedFilter {
  const problem = problemOf(inputShape, filter.shape, settings);
  const [onward, back] = [
    formOf("forward", problem, settings.kernels),
    formOf("inputGradient", problem, settings.kernels),
  ];
  const forward = onward.prepare?.(filter, problem) ?? filter;
  return {
    filter,
    forward,
    inputGradient: back.prepare === onward.prepare
      ? forward
      : back.prepare?.(filter, problem) ?? filter,
  };
}

/** y = conv(x, filter). */
export function convolutionForward(
  x: tf.Tensor4D,
  { filter, forward }: PreparedFilter,
  settings: Settings,
): tf.Tensor4D {
  const problem = problemOf(x.shape, filter.shape, settings);
  return forwardBy(formOf("forward", problem, settings.kernels), x, forward, problem);
}

/** The gradient with respect to x. */
export function convolutionInputGradient(
  dy: tf.Tensor4D,
  { filter, inputGradient }: PreparedFilter,
  inputShape: Shape4,
  settings: Settings,
): tf.Tensor4D {
  const problem = problemOf(inputShape, filter.shape, settings);
  const form = formOf("inputGradient", problem, settings.kernels);
  return inputGradientBy(form, dy, inputGradient, problem);
}

/** The gradient with respect to the filter. */
export function convolutionFilterGradient(
  dy: tf.Tensor4D,
  x: tf.Tensor4D,
  filterShape: Shape4,
  settings: Settings,
): tf.Tensor4D {
  const problem = problemOf(x.shape, filterShape, settings);
  return filterGradientBy(formOf("filterGradient", problem, settings.kernels), dy, x, problem);
}

/** Each form is looked up once; where two passes share one, they share what it makes of a tensor. */
const operation = defineOperation<{ readonly problem: Problem; readonly kernels: Kernels }>({
  forward: (inputs, { problem, kernels }) => {
    const [x, filter] = [inputs.x as tf.Tensor4D, inputs.filter as tf.Tensor4D];
    const form = formOf("forward", problem, kernels);
    const prepared = prepareFilter(filter, problem.input, { ...problem, kernels });
    const input = form.input?.(x, problem) ?? x;
    const shared = formOf("filterGradient", problem, kernels).input === form.input;
    return {
      outputs: [form.forward(input, prepared.forward, problem)],
      saved: [shared ? input : x, prepared.inputGradient],
    };
  },
  gradient: ([upstream], [seen, prepared], { problem, kernels }) => {
    const dy = upstream as tf.Tensor4D;
    const toFilter = formOf("filterGradient", problem, kernels);
    const toInput = formOf("inputGradient", problem, kernels);
    if (toInput.gradient === toFilter.gradient) {
      // Not inside a closure: each closure has a tidy of its own.
      const gradient = toInput.gradient?.(dy, problem) ?? dy;
      return {
        x: () => toInput.inputGradient(gradient, prepared!, problem),
        filter: () => toFilter.filterGradient(gradient, inputSeen(), problem),
      };
    }
    return {
      x: () => inputGradientBy(toInput, dy, prepared!, problem),
      filter: () =>
        toFilter.filterGradient(toFilter.gradient?.(dy, problem) ?? dy, inputSeen(), problem),
    };

    /** The maps as the filter gradient wants them. */
    function inputSeen(): tf.Tensor {
      const shared = formOf("forward", problem, kernels).input === toFilter.input;
      return shared ? seen! : toFilter.input!(seen as tf.Tensor4D, problem);
    }
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
  const problem = problemOf(x.shape, filter.shape, { stride, padding });
  return operation({ x, filter }, { problem, kernels })[0] as tf.Tensor4D;
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
