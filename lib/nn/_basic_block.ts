import { tf } from "../backend/tf.ts";
import { relu } from "../backend/relu.ts";
import { convolutionLayer, type Layer } from "./_convolution_layer.ts";
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
}

/**
 * ResNet's basic block (He et al. 2016, fig. 2 and section 3.3): two 3 x 3 convolutions and a
 * shortcut, which is a 1 x 1 projection where the shape changes ("option B").
 */
export function basicBlock(
  store: ParameterStore,
  { name, inputs, outputs, stride, batchNorm, seed }: BasicBlockOptions,
): { layer: Layer; dispose: () => void } {
  const common = { outputs, batchNorm, seed };
  const first = convolutionLayer(store, {
    ...common,
    convolution: `${name}.conv1`,
    norm: `${name}.bn1`,
    inputs,
    kernel: 3,
    stride,
  });
  const second = convolutionLayer(store, {
    ...common,
    convolution: `${name}.conv2`,
    norm: `${name}.bn2`,
    inputs: outputs,
    kernel: 3,
    stride: 1,
  });
  const projection = stride === 1 && inputs === outputs ? undefined : convolutionLayer(store, {
    ...common,
    convolution: `${name}.downsample.0`,
    norm: `${name}.downsample.1`,
    inputs,
    kernel: 1,
    stride,
  });
  return {
    layer: (x, mode) => {
      const hidden = relu(first.layer(x, mode));
      const residual = second.layer(hidden, mode);
      const shortcut = projection ? projection.layer(x, mode) : x;
      return relu(tf.add(residual, shortcut));
    },
    dispose: () => {
      first.dispose();
      second.dispose();
      projection?.dispose();
    },
  };
}
