/**
 * The ResNets for 32 x 32 images: He, Zhang, Ren and Sun, "Deep Residual Learning for Image
 * Recognition", CVPR 2016, section 4.2, with the parameter names of akamaster/pytorch_resnet_cifar10.
 */
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { relu } from "../backend/relu.ts";
import { basicBlock } from "./_basic_block.ts";
import { convolutionLayer, type OwnedLayer } from "./_convolution_layer.ts";
import {
  type Network,
  networkOptionNames,
  type NetworkOptions,
  networkSettings,
} from "./network_options.ts";
import type { ParameterStore } from "./_parameter_store.ts";
import { residualNetwork } from "./_residual_network.ts";

const optionNames: OptionNames<NetworkOptions> = networkOptionNames;

const STAGES = [
  { name: "layer1", width: 16, stride: 1 },
  { name: "layer2", width: 32, stride: 2 },
  { name: "layer3", width: 64, stride: 2 },
] as const;

function layersOf(
  { channels, seed }: Required<NetworkOptions>,
  blocksPerStage: number,
  store: ParameterStore,
): readonly OwnedLayer[] {
  const conv1 = convolutionLayer(store, {
    convolution: "conv1",
    norm: "bn1",
    inputs: channels,
    outputs: STAGES[0].width,
    kernel: 3,
    stride: 1,
    seed,
  });
  const first: OwnedLayer = {
    layer: (x, mode) => relu(conv1.layer(x, mode)), // [n, 32, 32, 16]
    dispose: conv1.dispose,
  };
  const blocks = STAGES.flatMap(({ name, width, stride }, stage) =>
    Array.from({ length: blocksPerStage }, (_, index) =>
      basicBlock(store, {
        name: `${name}.${index}`,
        inputs: index > 0 ? width : STAGES[Math.max(stage - 1, 0)]!.width,
        outputs: width,
        stride: index === 0 ? stride : 1,
        batchNorm: true,
        seed,
        shortcut: "A",
      }))
  );
  return [first, ...blocks]; // [n, 8, 8, 64]
}

/** 6 k + 2 layers: two convolutions a block, k blocks in each of three stages. */
function cifarResNet(depth: number, options: NetworkOptions): Network {
  const architecture = `resnet${depth}`;
  requireKnownOptions(architecture, options, optionNames);
  const settings = networkSettings<NetworkOptions>(options, {});
  return residualNetwork<NetworkOptions>(settings, {
    architecture,
    head: "linear",
    features: STAGES[2].width,
    strides: 4,
    batchNorm: true,
    layers: (store) => layersOf(settings, (depth - 2) / 6, store),
  });
}

/**
 * Creates the ResNet-20 for 32 x 32 images, of 0.27 million weights, with He-initialised ones. Where
 * the shape changes, its shortcuts take every second pixel and add channels of zeros ("option A").
 *
 * @param options See {@linkcode NetworkOptions}.
 * @returns A classifier; `features` is the 64-d average pool before dropout. It owns its variables:
 * dispose it.
 * @throws {RangeError} If an option is out of bounds.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const model = resnet20({ classes: 100 });
 * const { logits, features } = model.forward(tf.zeros([2, 32, 32, 3]));
 * assertEquals([logits.shape, features.shape], [[2, 100], [2, 64]]);
 * model.dispose();
 * ```
 */
export function resnet20(options: NetworkOptions = {}): Network {
  return cifarResNet(20, options);
}

/**
 * Creates the ResNet-32 for 32 x 32 images, of 0.46 million weights; see {@linkcode resnet20}.
 *
 * @param options See {@linkcode NetworkOptions}.
 * @returns A classifier; dispose it.
 * @throws {RangeError} If an option is out of bounds.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const model = resnet32();
 * assertEquals(model.parameters.has("layer3.4.conv2.weight"), true);
 * model.dispose();
 * ```
 */
export function resnet32(options: NetworkOptions = {}): Network {
  return cifarResNet(32, options);
}

/**
 * Creates the ResNet-44 for 32 x 32 images, of 0.66 million weights; see {@linkcode resnet20}.
 *
 * @param options See {@linkcode NetworkOptions}.
 * @returns A classifier; dispose it.
 * @throws {RangeError} If an option is out of bounds.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const model = resnet44();
 * assertEquals(model.parameters.has("layer3.6.conv2.weight"), true);
 * model.dispose();
 * ```
 */
export function resnet44(options: NetworkOptions = {}): Network {
  return cifarResNet(44, options);
}

/**
 * Creates the ResNet-56 for 32 x 32 images, of 0.85 million weights; see {@linkcode resnet20}.
 *
 * @param options See {@linkcode NetworkOptions}.
 * @returns A classifier; dispose it.
 * @throws {RangeError} If an option is out of bounds.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const model = resnet56();
 * assertEquals(model.parameters.has("layer3.8.conv2.weight"), true);
 * model.dispose();
 * ```
 */
export function resnet56(options: NetworkOptions = {}): Network {
  return cifarResNet(56, options);
}
