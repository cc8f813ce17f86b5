import { tf } from "./tf.ts";
import { attribute, defineOperation, nativeOp } from "./native_op.ts";

/**
 * The maps split into their even and odd positions along rows (axis 1) or columns (axis 2), and the
 * odd ones moved on by one, so that position k of (before, even, odd) is window k: 2k-1, 2k, 2k+1.
 */
function windows(
  x: tf.Tensor4D,
  axis: 1 | 2,
): { before: tf.Tensor; even: tf.Tensor; odd: tf.Tensor } {
  const [n, h, w, c] = x.shape;
  const paired = axis === 1 ? [n, h / 2, 2, w, c] : [n, h, w / 2, 2, c];
  const [even, odd] = tf.unstack(tf.reshape(x, paired), axis + 1) as [tf.Tensor4D, tf.Tensor4D];
  const half = odd.shape;
  const size = [...half];
  size[axis] = half[axis]! - 1;
  const first = [...half];
  first[axis] = 1;
  const outside = tf.fill(first, -Infinity);
  const before = tf.concat([outside, tf.slice(odd, [0, 0, 0, 0], size)], axis);
  return { before, even, odd };
}

/**
 * Hands the gradient of each window's maximum to the position that held it, the first of several
 * equal ones as PyTorch does, and joins even and odd positions again. `ReluGrad(g, f)` is g where
 * f > 0, so an elementwise kernel suffices for each choice.
 */
function scatter(
  gradient: tf.Tensor,
  { before, even, odd }: ReturnType<typeof windows>,
  axis: 1 | 2,
): tf.Tensor4D {
  const choose = (g: tf.Tensor, f: tf.Tensor) =>
    nativeOp("ReluGrad", [attribute.float32("T")], [g, f]);
  const toOdd = choose(gradient, tf.sub(odd, tf.maximum(before, even)));
  const rest = tf.sub(gradient, toOdd);
  const toEven = choose(rest, tf.sub(even, before));
  const toBefore = tf.sub(rest, toEven);
  const half = odd.shape;
  const size = [...half];
  size[axis] = half[axis]! - 1;
  const begin = [0, 0, 0, 0];
  begin[axis] = 1;
  const pads = half.map((_, k) => [0, k === axis ? 1 : 0] as [number, number]);
  const movedBack = tf.pad(tf.slice(toBefore, begin, size), pads);
  const joined = tf.stack([toEven, tf.add(toOdd, movedBack)], axis + 1);
  const full = [...half];
  full[axis] = half[axis]! * 2;
  return tf.reshape(joined, full as [number, number, number, number]);
}

const operation = defineOperation({
  name: "MaxPool3x3Stride2",
  inputs: ["x"],
  forward: ({ x }) => {
    const pads: [number, number][] = [[0, 0], [1, 1], [1, 1], [0, 0]];
    return [tf.maxPool(tf.pad(x as tf.Tensor4D, pads, -Infinity), 3, 2, "valid")];
  },
  gradient: ([dy], { inputs: { x } }) => ({
    x: () => {
      // Columns, then rows: a 3 x 3 maximum is a maximum of maxima. Both passes take the first of
      // equals, which makes it the first of the window in row-major order.
      const columns = windows(x as tf.Tensor4D, 2);
      const columnMaxima = tf.maximum(columns.before, tf.maximum(columns.even, columns.odd));
      const rows = windows(columnMaxima as tf.Tensor4D, 1);
      return scatter(scatter(dy!, rows, 1), columns, 2);
    },
  }),
});

/**
 * 3 x 3 max pooling with stride 2 and padding 1, as PyTorch's `max_pool2d(x, 3, 2, 1)`. The gradient
 * goes to the first maximum of each window. TensorFlow's own gradient kernel for pooling is an
 * order of magnitude slower on a CPU than these elementwise kernels.
 *
 * @param x [n, h, w, c] with even h and w.
 * @returns An owned tensor [n, h / 2, w / 2, c].
 * @throws {RangeError} If h or w is odd.
 * @example
 * ```ts
 * import { assertEquals } from "../../tests/assert.ts";
 * import { tf } from "./tf.ts";
 * const y = maxPool3x3Stride2(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]));
 * assertEquals([...y.dataSync()], [4]);
 * ```
 */
export function maxPool3x3Stride2(x: tf.Tensor4D): tf.Tensor4D {
  const [, h, w] = x.shape;
  if (h % 2 !== 0 || w % 2 !== 0) {
    throw new RangeError(`Expected even height and width but found ${h} x ${w}`);
  }
  return operation({ x }, {})[0] as tf.Tensor4D;
}
