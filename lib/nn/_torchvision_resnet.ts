/** ResNets of basic blocks in four stages, with torchvision's parameter names. */
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireBoolean, requireOneOf } from "../arguments/require.ts";
import { maxPool3x3Stride2 } from "../backend/max_pool.ts";
import { relu } from "../backend/relu.ts";
import { basicBlock } from "./_basic_block.ts";
import { convolutionLayer, normOrBias, type OwnedLayer } from "./_convolution_layer.ts";
import {
  type Network,
  networkOptionNames,
  type NetworkOptions,
  networkSettings,
} from "./network_options.ts";
import type { ParameterStore } from "./_parameter_store.ts";
import { FEATURES, STAGES } from "./_resnet_stages.ts";
import { residualNetwork } from "./_residual_network.ts";

/** The first layers: torchvision's 7x7/2 convolution and pooling, or a 3x3 convolution. */
export type Stem = "imagenet" | "cifar";

/** What a ResNet with torchvision's names can be told. */
export interface ResNetOptions extends NetworkOptions {
  /** `false`: no batch norm; every convolution has a bias instead. Default `true`. */
  readonly batchNorm?: boolean;
  /** Default "imagenet". */
  readonly stem?: Stem;
}

const optionNames: OptionNames<ResNetOptions> = {
  ...networkOptionNames,
  batchNorm: true,
  stem: true,
};

/** What sets ResNets of basic blocks apart. */
export interface TorchvisionParts {
  readonly architecture: string;
  readonly blocks: readonly [number, number, number, number];
}

function layersOf(
  { channels, stem, batchNorm, seed }: Required<ResNetOptions>,
  { blocks }: TorchvisionParts,
  store: ParameterStore,
): readonly OwnedLayer[] {
  const conv1 = convolutionLayer(store, {
    convolution: "conv1",
    ...normOrBias(batchNorm, "bn1"),
    inputs: channels,
    outputs: STAGES[0].width,
    kernel: stem === "imagenet" ? 7 : 3,
    stride: stem === "imagenet" ? 2 : 1,
    seed,
  });
  const first: OwnedLayer = {
    layer: (x, mode) => {
      const maps = relu(conv1.layer(x, mode)); // [n, 16, 16, 64]
      return stem === "imagenet" ? maxPool3x3Stride2(maps) : maps; // [n, 8, 8, 64]
    },
    dispose: conv1.dispose,
  };
  const others = STAGES.flatMap(({ name, width, stride }, stage) =>
    Array.from({ length: blocks[stage]! }, (_, index) =>
      basicBlock(store, {
        name: `${name}.${index}`,
        inputs: index > 0 ? width : STAGES[Math.max(stage - 1, 0)]!.width,
        outputs: width,
        stride: index === 0 ? stride : 1,
        batchNorm,
        seed,
      }))
  );
  return [first, ...others];
}

/** Makes a ResNet of basic blocks with He-initialised weights. */
export function torchvisionResNet(
  parts: TorchvisionParts,
  options: ResNetOptions,
): Network<ResNetOptions> {
  const { architecture } = parts;
  requireKnownOptions(architecture, options, optionNames);
  const settings = networkSettings<ResNetOptions>(options, { batchNorm: true, stem: "imagenet" });
  requireBoolean("batchNorm", settings.batchNorm);
  requireOneOf("stem", settings.stem, ["imagenet", "cifar"]);
  return residualNetwork<ResNetOptions>(settings, {
    architecture,
    head: "fc",
    features: FEATURES,
    strides: settings.stem === "imagenet" ? 32 : 8,
    batchNorm: settings.batchNorm,
    layers: (store) => layersOf(settings, parts, store),
  });
}
