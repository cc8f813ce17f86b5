import { tf } from "./tf.ts";
import type { Library } from "./kernel_choices.ts";
import { defineOperation } from "./_define_operation.ts";
import { attribute, nativeOp } from "./native_op.ts";
import { kernelTable } from "./kernel_table.ts";
import { oneDnnOps } from "./onednn.ts";

function poolAttributes() {
  return [
    attribute.float32("T"),
    attribute.int("ksize", [1, 3, 3, 1]),
    attribute.int("strides", [1, 2, 2, 1]),
    attribute.string("padding", "VALID"),
    attribute.string("data_format", "NHWC"),
  ];
}

const oneDnnAttributes = () => [
  ...poolAttributes(),
  attribute.bool("workspace_enabled", true),
];

/** Maximum and, for the gradient, where in each window it was. */
function oneDnnPool(padded: tf.Tensor): tf.Tensor[] {
  return oneDnnOps(
    "MaxPool",
    [...oneDnnAttributes(), attribute.int("explicit_paddings", [])],
    [padded],
    2,
  );
}

/** Row -1 and column -1 belong to windows, row h and column w only where h or w is odd. */
function padded(x: tf.Tensor4D): tf.Tensor4D {
  const [, h, w] = x.shape;
  return tf.pad4d(x, [[0, 0], [1, h % 2], [1, w % 2], [0, 0]], -Infinity);
}

const operation = defineOperation<{
  readonly library: Library;
  readonly height: number;
  readonly width: number;
}>({
  forward: ({ x }, { library }) => {
    const input = padded(x as tf.Tensor4D);
    const [y, ...workspace] = library === "onednn"
      ? oneDnnPool(input)
      : [nativeOp("MaxPool", poolAttributes(), [input])];
    return { outputs: [y!], saved: [input, y!, ...workspace] };
  },
  gradient: ([dy], [input, y, workspace], { height, width }) => ({
    x: () => {
      const [n, , , c] = (input as tf.Tensor4D).shape;
      const [dx] = workspace
        ? oneDnnOps("MaxPoolGrad", oneDnnAttributes(), [input!, y!, dy!, workspace], 1)
        : [nativeOp("MaxPoolGrad", poolAttributes(), [input!, y!, dy!])];
      return tf.slice4d(dx as tf.Tensor4D, [0, 1, 1, 0], [n, height, width, c]);
    },
  }),
});

/**
 * 3 x 3 max pooling with stride 2 and padding 1, as PyTorch's `max_pool2d(x, 3, 2, 1)`. The gradient
 * goes to the first maximum of each window; on a GPU, which of equal maxima gets it is cuDNN's choice.
 * oneDNN's kernels remember where the maximum was; on a CPU, TensorFlow's public gradient kernel,
 * which looks for it again, is an order of magnitude slower.
 *
 * @param x [n, h, w, c].
 * @param options.library Whose kernels. Default: the kernel table's choice.
 * @returns An owned tensor [n, ceil(h / 2), ceil(w / 2), c].
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "./tf.ts";
 * const y = maxPool3x3Stride2(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]));
 * assertEquals([...y.dataSync()], [4]);
 * ```
 */
export function maxPool3x3Stride2(
  x: tf.Tensor4D,
  { library = kernelTable().maxPool }: { library?: Library } = {},
): tf.Tensor4D {
  const [, height, width] = x.shape;
  return operation({ x }, { library, height, width })[0] as tf.Tensor4D;
}
