import { tf } from "../backend/tf.ts";
import { relu } from "../backend/relu.ts";
import { convolutionLayer, normOrBias, type OwnedLayer } from "./_convolution_layer.ts";
import type { ParameterStore } from "./_parameter_store.ts";

/** Shape and place of a residual block. */
export interface BasicBlockOptions {
  /** Prefix of the parameter names, e.g. "layer2.0". */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
  readonly batchNorm: boolean;
  readonly seed: number;
  /**
   * The shortcut where the shape changes (He et al. 2016, section 3.3): "A" takes every second pixel
   * and adds channels of zeros, "B" is a 1 x 1 projection. Default "B".
   */
  readonly shortcut?: "A" | "B";
}

/** Every `stride`-th pixel, with as many channels of zeros before as after the input's own. */
function paddedShortcut(x: tf.Tensor4D, outputs: number, stride: number): tf.Tensor4D {
  const pixels = tf.avgPool(x, 1, stride, "valid"); // of one pixel each: a slice with a gradient
  const added = outputs - x.shape[3];
  const before = Math.floor(added / 2);
  return tf.pad(pixels, [[0, 0], [0, 0], [0, 0], [before, added - before]]);
}

/**
 * ResNet's basic block (He et al. 2016, fig. 2): two 3 x 3 convolutions and a shortcut, which changes
 * the shape where the convolutions do.
 */
export function basicBlock(
  store: ParameterStore,
  { name, inputs, outputs, stride, batchNorm, seed, shortcut = "B" }: BasicBlockOptions,
): OwnedLayer {
  const first = convolutionLayer(store, {
    convolution: `${name}.conv1`,
    ...normOrBias(batchNorm, `${name}.bn1`),
    inputs,
    outputs,
    kernel: 3,
    stride,
    seed,
  });
  const second = convolutionLayer(store, {
    convolution: `${name}.conv2`,
    ...normOrBias(batchNorm, `${name}.bn2`),
    inputs: outputs,
    outputs,
    kernel: 3,
    stride: 1,
    seed,
  });
  const isSame = stride === 1 && inputs === outputs;
  const projection = isSame || shortcut === "A" ? undefined : convolutionLayer(store, {
    convolution: `${name}.downsample.0`,
    ...normOrBias(batchNorm, `${name}.downsample.1`),
    inputs,
    outputs,
    kernel: 1,
    stride,
    seed,
  });
  return {
    layer: (x, mode) => {
      const hidden = relu(first.layer(x, mode));
      const residual = second.layer(hidden, mode);
      if (projection) return relu(tf.add(residual, projection.layer(x, mode)));
      return relu(tf.add(residual, isSame ? x : paddedShortcut(x, outputs, stride)));
    },
    dispose: () => {
      first.dispose();
      second.dispose();
      projection?.dispose();
    },
  };
}
