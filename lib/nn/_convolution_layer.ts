import { tf } from "../backend/tf.ts";
import { batchNormTraining } from "../backend/batch_norm.ts";
import { addBias, convolution } from "../backend/convolution.ts";
import { foldedConvolution } from "../backend/folded_convolution.ts";
import { randomNormal } from "../backend/random.ts";
import type { ParameterStore } from "./_parameter_store.ts";

/** PyTorch's batch norm defaults. `MOMENTUM` is the weight of the new value. */
const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** How one forward pass runs. */
export interface Mode {
  readonly training: boolean;
  readonly frozen: (parameter: string) => boolean;
}

/** Maps to maps. */
export interface Layer {
  (x: tf.Tensor4D, mode: Mode): tf.Tensor4D;
}

/** A convolution and the batch norm after it. */
export interface ConvolutionLayerOptions {
  /** Parameter name of the convolution, e.g. "layer1.0.conv1". */
  readonly convolution: string;
  /** Parameter name of the batch norm after it, e.g. "layer1.0.bn1"; left out: there is none. */
  readonly norm?: string | undefined;
  /** Whether a convolution without batch norm has a bias. Default `false`. */
  readonly bias?: boolean;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly seed: number;
}

/** A layer and the release of its caches. */
export interface OwnedLayer {
  readonly layer: Layer;
  readonly dispose: () => void;
}

/** What follows a convolution in a network with batch norm, or without: then a bias stands in. */
export function normOrBias(batchNorm: boolean, norm: string): { norm?: string; bias: boolean } {
  return batchNorm ? { norm, bias: false } : { bias: true };
}

/** The variables of a batch norm layer, with PyTorch's initial values. */
function batchNormVariables(store: ParameterStore, name: string, channels: number) {
  return {
    scale: store.parameter(`${name}.weight`, tf.ones<tf.Rank.R1>([channels])),
    offset: store.parameter(`${name}.bias`, tf.zeros<tf.Rank.R1>([channels])),
    mean: store.buffer(`${name}.running_mean`, tf.zeros([channels])),
    variance: store.buffer(`${name}.running_var`, tf.ones([channels])),
  };
}

type BatchNormVariables = ReturnType<typeof batchNormVariables>;

/** Batch norm with the statistics of the batch, which enter the running ones. */
function trainNorm(x: tf.Tensor4D, variables: BatchNormVariables): tf.Tensor4D {
  const batch = batchNormTraining(x, variables, { momentum: MOMENTUM, epsilon: EPSILON });
  variables.mean.assign(batch.mean);
  variables.variance.assign(batch.variance);
  return batch.y;
}

/** A batch norm with no convolution before it, as in pre-activation networks. */
export function normLayer(store: ParameterStore, name: string, channels: number): Layer {
  const variables = batchNormVariables(store, name, channels);
  return (x, { training, frozen }) => {
    if (training && !frozen(`${name}.weight`)) return trainNorm(x, variables);
    const { scale, offset, mean, variance } = variables;
    const gain = tf.mul(scale, tf.rsqrt(tf.add(variance, EPSILON)));
    return tf.add(tf.mul(x, gain), tf.sub(offset, tf.mul(mean, gain)));
  };
}

/** He et al. 2015, fan-out: keeps the variance of the gradient through a ReLU layer. */
function heInitial(kernel: number, inputs: number, outputs: number, seed: number, key: number) {
  const deviation = Math.sqrt(2 / (kernel * kernel * outputs));
  return tf.tidy(() =>
    tf.mul(randomNormal([kernel, kernel, inputs, outputs], seed, key), deviation) as tf.Tensor4D
  );
}

/**
 * A convolution with padding (k - 1) / 2, followed by batch norm where the network has it.
 *
 * @param store Takes the variables.
 * @returns The layer and the release of its cache.
 */
export function convolutionLayer(
  store: ParameterStore,
  options: ConvolutionLayerOptions,
): OwnedLayer {
  const { convolution: name, norm, inputs, outputs, kernel, stride, seed } = options;
  const padding = (kernel - 1) / 2;
  const filter = store.parameter(
    `${name}.weight`,
    heInitial(kernel, inputs, outputs, seed, store.parameters.size),
  );
  if (norm === undefined) {
    const bias = options.bias
      ? store.parameter(`${name}.bias`, tf.zeros<tf.Rank.R1>([outputs]))
      : undefined;
    return {
      layer: (x) => {
        const y = convolution(x, filter, { stride, padding });
        return bias ? addBias(y, bias) : y;
      },
      dispose: () => {},
    };
  }
  const variables = batchNormVariables(store, norm, outputs);
  const folded = foldedConvolution({ filter, ...variables, stride, padding, epsilon: EPSILON });
  return {
    layer: (x, { training, frozen }) => {
      if (!training || frozen(`${norm}.weight`)) return folded.apply(x);
      return trainNorm(convolution(x, filter, { stride, padding }), variables);
    },
    dispose: folded.dispose,
  };
}
