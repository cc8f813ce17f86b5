/** What every residual network has around its blocks: normalisation, pooling and the last layer. */
import { requireKnownOptions } from "../arguments/known_options.ts";
import { tf } from "../backend/tf.ts";
import { randomUniform } from "../backend/random.ts";
import {
  type Classifier,
  forwardOptionNames,
  type ForwardOptions,
  type ForwardResult,
  requireImages,
} from "./classifier.ts";
import type { Mode, OwnedLayer } from "./_convolution_layer.ts";
import { dropped } from "./dropout.ts";
import { type Network, type NetworkOptions, sidesOf } from "./network_options.ts";
import { normalizer } from "./_normalizer.ts";
import { ParameterStore } from "./_parameter_store.ts";

/** What sets one residual network apart from another. */
export interface ResidualParts {
  /** Its name in checkpoints, e.g. "resnet18". */
  readonly architecture: string;
  /** Name of the last layer, e.g. "fc". */
  readonly head: string;
  /** Channels of the last maps. */
  readonly features: number;
  /** The product of all strides. */
  readonly strides: number;
  /** Whether there is batch norm, which needs more than one value a channel. */
  readonly batchNorm: boolean;
  /** Makes the layers from the normalised image to the last maps, in the order of their names. */
  readonly layers: (store: ParameterStore) => readonly OwnedLayer[];
}

/** PyTorch's initial weights of a linear layer: uniform in +-1 / sqrt(inputs). */
function linearInitial(
  shape: [number, number] | [number],
  inputs: number,
  seed: number,
  key: number,
): tf.Tensor {
  const bound = 1 / Math.sqrt(inputs);
  return tf.tidy(() => tf.sub(tf.mul(randomUniform(shape, seed, key), 2 * bound), bound));
}

/** Batch norm needs two values a channel, and the last maps of small images are 1 x 1. */
function smallestTrainingBatch(
  { batchNorm, strides }: ResidualParts,
  sides: readonly number[],
): number {
  return batchNorm && sides.every((side) => side <= strides) ? 2 : 1;
}

/**
 * Puts a residual network together. Layers are made in a fixed order, since the place of a parameter
 * keys its initial draw.
 *
 * @param settings All options, checked.
 * @returns A classifier whose features are the average pool of the last maps, before dropout.
 */
export function residualNetwork<Options extends NetworkOptions>(
  settings: Required<Options>,
  parts: ResidualParts,
): Network<Options> {
  const { classes, channels, dropout, seed, mean, std, imageSize } = settings as Required<
    NetworkOptions
  >;
  const { architecture, head, features: width } = parts;
  const sides = sidesOf(imageSize);
  const inputShape: Classifier["inputShape"] = [...sides, channels];
  const store = new ParameterStore();
  const normalization = normalizer({ mean, std }, inputShape);
  const layers = parts.layers(store);
  const key = store.parameters.size;
  const weight = store.parameter(
    `${head}.weight`,
    linearInitial([width, classes], width, seed, key) as tf.Tensor2D,
  );
  const bias = store.parameter(
    `${head}.bias`,
    linearInitial([classes], width, seed, key + 1) as tf.Tensor1D,
  );

  function trunk(x: tf.Tensor4D, mode: Mode): tf.Tensor2D {
    let maps = normalization.apply(x); // [n, height, width, channels]
    for (const { layer } of layers) maps = layer(maps, mode); // ... [n, h, w, features]
    return tf.mean(maps, [1, 2]); // [n, features]
  }

  return {
    architecture,
    options: settings,
    inputShape,
    classes,
    smallestTrainingBatch: smallestTrainingBatch(parts, sides),
    parameters: store.parameters,
    buffers: store.buffers,
    forward(x, options: ForwardOptions = {}): ForwardResult {
      requireKnownOptions("forward", options, forwardOptionNames);
      const { training = false, seed = 0, frozen = () => false } = options;
      requireImages(x, inputShape);
      return tf.tidy(() => {
        const features = trunk(x, { training, frozen });
        const kept = training && dropout > 0 ? dropped(features, dropout, seed) : features;
        const logits = tf.add(tf.matMul(kept, weight), bias) as tf.Tensor2D;
        return { logits, features };
      });
    },
    dispose() {
      for (const layer of layers) layer.dispose();
      store.dispose();
      normalization.dispose();
    },
  };
}
