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
  /** Parameter name of the batch norm, e.g. "layer1.0.bn1". */
  readonly norm: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  /** `false`: no batch norm, and the convolution has a bias instead. */
  readonly batchNorm: boolean;
  readonly seed: number;
}

/** He et al. 2015, fan-out: keeps the variance of the gradient through a ReLU layer. */
function heInitial(kernel: number, inputs: number, outputs: number, seed: number, key: number) {
  const deviation = Math.sqrt(2 / (kernel * kernel * outputs));
  return tf.tidy(() =>
    tf.mul(randomNormal([kernel, kernel, inputs, outputs], seed, key), deviation) as tf.Tensor4D
  );
}

/**
 * A convolution with padding (k - 1) / 2, followed by batch norm where the model has it.
 *
 * @param store Takes the variables.
 * @returns The layer and the release of its cache.
 */
export function convolutionLayer(
  store: ParameterStore,
  options: ConvolutionLayerOptions,
): { layer: Layer; dispose: () => void } {
  const { convolution: name, norm, inputs, outputs, kernel, stride, batchNorm, seed } = options;
  const padding = (kernel - 1) / 2;
  const filter = store.parameter(
    `${name}.weight`,
    heInitial(kernel, inputs, outputs, seed, store.parameters.size),
  );
  if (!batchNorm) {
    const bias = store.parameter(`${name}.bias`, tf.zeros<tf.Rank.R1>([outputs]));
    return {
      layer: (x) => addBias(convolution(x, filter, { stride, padding }), bias),
      dispose: () => {},
    };
  }
  const scale = store.parameter(`${norm}.weight`, tf.ones<tf.Rank.R1>([outputs]));
  const offset = store.parameter(`${norm}.bias`, tf.zeros<tf.Rank.R1>([outputs]));
  const mean = store.buffer(`${norm}.running_mean`, tf.zeros([outputs]));
  const variance = store.buffer(`${norm}.running_var`, tf.ones([outputs]));
  const folded = foldedConvolution({
    filter,
    scale,
    offset,
    mean,
    variance,
    stride,
    padding,
    epsilon: EPSILON,
  });
  return {
    layer: (x, { training, frozen }) => {
      if (!training || frozen(`${norm}.weight`)) return folded.apply(x);
      const batch = batchNormTraining(
        convolution(x, filter, { stride, padding }),
        { scale, offset, mean, variance },
        { momentum: MOMENTUM, epsilon: EPSILON },
      );
      mean.assign(batch.mean);
      variance.assign(batch.variance);
      return batch.y;
    },
    dispose: folded.dispose,
  };
}
