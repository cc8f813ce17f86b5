/**
 * TensorFlow's own convolution kernels: the public ones, which are Eigen's on a CPU and cuDNN's on a
 * GPU, and oneDNN's, called by name. Only the forward kernels get explicit padding: oneDNN's input
 * gradient with it ends the process. The gradients get "SAME" or a padded copy.
 */
import { tf } from "./tf.ts";
import { integers } from "./_constant.ts";
import type { FormOf, Pass, Problem } from "./convolution_form.ts";
import type { FormName } from "./kernel_choices.ts";
import { type Attribute, attribute, nativeOp } from "./native_op.ts";
import { oneDnnOp } from "./onednn.ts";

type Kernel = "Conv2D" | "Conv2DBackpropInput" | "Conv2DBackpropFilter";

/** Runs a kernel. */
type Run = (
  kernel: Kernel,
  attributes: readonly Attribute[],
  inputs: readonly tf.TensorInfo[],
) => tf.Tensor4D;

function attributes(stride: number, padding: "SAME" | "VALID" | "EXPLICIT", zeros = 0) {
  const around = [zeros, zeros];
  return [
    attribute.float32("T"),
    attribute.int("strides", [1, stride, stride, 1]),
    attribute.string("padding", padding),
    attribute.int(
      "explicit_paddings",
      padding === "EXPLICIT" ? [0, 0, ...around, ...around, 0, 0] : [],
    ),
    attribute.string("data_format", "NHWC"),
    attribute.bool("use_cudnn_on_gpu", true),
    attribute.int("dilations", [1, 1, 1, 1]),
  ];
}

/** `x` with `padding` zeros on all four sides of each map; `x` itself where padding is 0. */
export function padMaps(x: tf.Tensor4D, padding: number): tf.Tensor4D {
  return padding === 0 ? x : tf.pad4d(x, [[0, 0], [padding, padding], [padding, padding], [0, 0]]);
}

/**
 * Whether symmetric padding is what the kernel's own "SAME" means: an odd filter with stride 1 and
 * padding (k - 1) / 2. With stride 2, "SAME" pads (0, 1) and PyTorch (1, 1).
 */
function isSame({ filter, stride, padding }: Problem): boolean {
  return stride === 1 && filter[0] % 2 === 1 && padding === (filter[0] - 1) / 2 && padding > 0;
}

/**
 * For fewer channels than fill a vector register, oneDNN's filter gradient of 1 x 1 filters with a
 * stride is wrong on AVX2 (below 8) and writes beyond its memory on AVX-512 (8 to 15), as of
 * libtensorflow 2.18.1. ResNet-18's have 64 and more.
 */
const LEAST_STRIDED_CHANNELS = 16;

/** Every `stride`-th row and column: all that a 1 x 1 filter with a stride sees of a map. */
function everyNth(x: tf.Tensor4D, stride: number): tf.Tensor4D {
  return tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, stride, stride, 1]) as tf.Tensor4D;
}

function nativeForm(run: Run): FormOf<Pass> {
  return {
    fits: () => true,
    forward(x, filter, problem) {
      const { stride, padding } = problem;
      const padded = isSame(problem)
        ? attributes(stride, "SAME")
        : attributes(stride, "EXPLICIT", padding);
      return run("Conv2D", padded, [x, filter]);
    },
    inputGradient(dy, filter, problem) {
      const { input: [n, h, w, c], stride, padding } = problem;
      const same = isSame(problem);
      const extra = same ? 0 : 2 * padding;
      const sizes = integers([n, h + extra, w + extra, c]);
      const dx = run("Conv2DBackpropInput", attributes(stride, same ? "SAME" : "VALID"), [
        sizes,
        filter,
        dy,
      ]);
      return extra === 0 ? dx : tf.slice4d(dx, [0, padding, padding, 0], [n, h, w, c]);
    },
    filterGradient(dy, x, problem) {
      const { filter, stride, padding } = problem;
      const same = isSame(problem);
      const input = same ? x as tf.Tensor4D : padMaps(x as tf.Tensor4D, padding);
      if (filter[0] === 1 && stride > 1 && filter[2] < LEAST_STRIDED_CHANNELS) {
        const seen = everyNth(input, stride);
        const unstrided = { filter, input: seen.shape, stride: 1, padding: 0 };
        return this.filterGradient(dy, seen, unstrided);
      }
      const kind = attributes(stride, same ? "SAME" : "VALID");
      return run("Conv2DBackpropFilter", kind, [input, integers(filter), dy]);
    },
  };
}

/** By the public kernels. */
export const PUBLIC_FORM = nativeForm(nativeOp);
/** By oneDNN's kernels. */
export const ONEDNN_FORM = nativeForm(oneDnnOp);

/** A convolution with stride 1 onto maps of the same size; an even filter is padded less before. */
export function convolveSame(by: FormName, x: tf.Tensor4D, filter: tf.Tensor): tf.Tensor4D {
  const run: Run = by === "onednn" ? oneDnnOp : nativeOp;
  return run("Conv2D", attributes(1, "SAME"), [x, filter]);
}
