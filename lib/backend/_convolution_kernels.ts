/**
 * TensorFlow's native convolution kernels. Their own explicit padding is fast in the forward pass
 * only; in the gradients it leaves oneDNN's kernels and is several times slower than a padded copy.
 */
import { tf } from "./tf.ts";
import { attribute, nativeOp } from "./native_op.ts";

type Padding = "SAME" | "VALID" | "EXPLICIT";

function kernelAttributes(stride: number, padding: Padding, explicit: number[] = []) {
  return [
    attribute.float32("T"),
    attribute.int("strides", [1, stride, stride, 1]),
    attribute.string("padding", padding),
    attribute.int("explicit_paddings", explicit),
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
export function isSame(filter: readonly number[], stride: number, padding: number): boolean {
  return stride === 1 && filter[0]! % 2 === 1 && padding === (filter[0]! - 1) / 2 && padding > 0;
}

/** y = conv(x, filter). */
export function convolve(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  padding: number,
): tf.Tensor4D {
  const around = [padding, padding];
  const attributes = isSame(filter.shape, stride, padding)
    ? kernelAttributes(stride, "SAME")
    : kernelAttributes(stride, "EXPLICIT", [0, 0, ...around, ...around, 0, 0]);
  return nativeOp("Conv2D", attributes, [x, filter]);
}

/** y = conv(x, filter) with stride 1 on maps of the same size; an even filter is padded less before. */
export function convolveSame(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  return nativeOp("Conv2D", kernelAttributes(1, "SAME"), [x, filter]);
}

/** The gradient with respect to x. */
export function convolveInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: readonly [number, number, number, number],
  stride: number,
  padding: number,
): tf.Tensor4D {
  const same = isSame(filter.shape, stride, padding);
  const [n, h, w, c] = inputShape;
  const extra = same ? 0 : 2 * padding;
  const sizes = tf.tensor1d([n, h + extra, w + extra, c], "int32");
  const attributes = kernelAttributes(stride, same ? "SAME" : "VALID");
  const dx = nativeOp<tf.Tensor4D>("Conv2DBackpropInput", attributes, [sizes, filter, dy]);
  return extra === 0 ? dx : tf.slice4d(dx, [0, padding, padding, 0], [n, h, w, c]);
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

/** The gradient with respect to the filter. */
export function convolveFilterGradient(
  dy: tf.Tensor4D,
  x: tf.Tensor4D,
  filterShape: readonly [number, number, number, number],
  stride: number,
  padding: number,
): tf.Tensor4D {
  const [kernel, , channels] = filterShape;
  if (kernel === 1 && stride > 1 && channels < LEAST_STRIDED_CHANNELS) {
    const seen = everyNth(padMaps(x, padding), stride);
    return convolveFilterGradient(dy, seen, filterShape, 1, 0);
  }
  const same = isSame(filterShape, stride, padding);
  const input = same ? x : padMaps(x, padding);
  const sizes = tf.tensor1d([...filterShape], "int32");
  const attributes = kernelAttributes(stride, same ? "SAME" : "VALID");
  return nativeOp("Conv2DBackpropFilter", attributes, [input, sizes, dy]);
}
