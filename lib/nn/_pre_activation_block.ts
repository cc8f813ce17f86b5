import { tf } from "../backend/tf.ts";
import { relu } from "../backend/relu.ts";
import { convolutionLayer, normLayer, type OwnedLayer } from "./_convolution_layer.ts";
import type { ParameterStore } from "./_parameter_store.ts";

/** Shape and place of a pre-activation block. */
export interface PreActivationBlockOptions {
  /** Prefix of the parameter names, e.g. "layer2.0". */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
  readonly seed: number;
  /** Whether a projection sees the maps after the first batch norm and ReLU, not before them. */
  readonly outShortcut: boolean;
}

/**
 * The pre-activation block (He et al., "Identity Mappings in Deep Residual Networks", ECCV 2016,
 * fig. 4e): batch norm and ReLU come before each of the two 3 x 3 convolutions, and nothing after the
 * sum. Where the shape changes, the shortcut is a 1 x 1 convolution without batch norm.
 */
export function preActivationBlock(
  store: ParameterStore,
  { name, inputs, outputs, stride, seed, outShortcut }: PreActivationBlockOptions,
): OwnedLayer {
  const norm = normLayer(store, `${name}.bn1`, inputs);
  // The second batch norm follows the first convolution at once, so that eval mode can fold it.
  const first = convolutionLayer(store, {
    convolution: `${name}.conv1`,
    norm: `${name}.bn2`,
    inputs,
    outputs,
    kernel: 3,
    stride,
    seed,
  });
  const second = convolutionLayer(store, {
    convolution: `${name}.conv2`,
    inputs: outputs,
    outputs,
    kernel: 3,
    stride: 1,
    seed,
  });
  const projection = stride === 1 && inputs === outputs ? undefined : convolutionLayer(store, {
    convolution: `${name}.shortcut.0`,
    inputs,
    outputs,
    kernel: 1,
    stride,
    seed,
  });
  return {
    layer: (x, mode) => {
      const activated = relu(norm(x, mode));
      const shortcut = projection ? projection.layer(outShortcut ? activated : x, mode) : x;
      const hidden = relu(first.layer(activated, mode));
      return tf.add(second.layer(hidden, mode), shortcut);
    },
    dispose: () => {
      first.dispose();
      second.dispose();
      projection?.dispose();
    },
  };
}
