/**
 * PreActResNet-18: He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", ECCV 2016,
 * for 32 x 32 images, with RobustBench's parameter names.
 */
import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireBoolean } from "../arguments/require.ts";
import { relu } from "../backend/relu.ts";
import { convolutionLayer, normLayer, type OwnedLayer } from "./_convolution_layer.ts";
import {
  type Network,
  networkOptionNames,
  type NetworkOptions,
  networkSettings,
} from "./network_options.ts";
import type { ParameterStore } from "./_parameter_store.ts";
import { preActivationBlock } from "./_pre_activation_block.ts";
import { FEATURES, STAGES } from "./_resnet_stages.ts";
import { residualNetwork } from "./_residual_network.ts";

/** What {@linkcode preActResNet18} can be told. */
export interface PreActResNet18Options extends NetworkOptions {
  /** Whether batch norm and ReLU follow the last block, as RobustBench's `bn_before_fc`. Default `false`. */
  readonly bnBeforeFc?: boolean;
  /**
   * Whether projections see the maps after a block's first batch norm and ReLU, as in RobustBench's
   * `PreActBlockV2`, instead of those before. Default `false`.
   */
  readonly outShortcut?: boolean;
}

const optionNames: OptionNames<PreActResNet18Options> = {
  ...networkOptionNames,
  bnBeforeFc: true,
  outShortcut: true,
};

const BLOCKS_PER_STAGE = 2;

function layersOf(
  { channels, seed, bnBeforeFc, outShortcut }: Required<PreActResNet18Options>,
  store: ParameterStore,
): readonly OwnedLayer[] {
  const conv1 = convolutionLayer(store, {
    convolution: "conv1",
    inputs: channels,
    outputs: STAGES[0].width,
    kernel: 3,
    stride: 1,
    seed,
  }); // [n, 32, 32, 64]
  const blocks = STAGES.flatMap(({ name, width, stride }, stage) =>
    Array.from({ length: BLOCKS_PER_STAGE }, (_, index) =>
      preActivationBlock(store, {
        name: `${name}.${index}`,
        inputs: index > 0 ? width : STAGES[Math.max(stage - 1, 0)]!.width,
        outputs: width,
        stride: index === 0 ? stride : 1,
        seed,
        outShortcut,
      }))
  ); // ... [n, 4, 4, 512]
  if (!bnBeforeFc) return [conv1, ...blocks];
  const norm = normLayer(store, "bn", FEATURES);
  return [conv1, ...blocks, { layer: (x, mode) => relu(norm(x, mode)), dispose: () => {} }];
}

/**
 * Creates a PreActResNet-18 with He-initialised weights.
 *
 * @param options See {@linkcode PreActResNet18Options}. The defaults are those of RobustBench's
 * `PreActResNet18()`.
 * @returns A classifier; `features` is the 512-d average pool before dropout. It owns its
 * variables: dispose it.
 * @throws {RangeError} If an option is out of bounds.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const model = preActResNet18({ classes: 7 });
 * assertEquals(model.parameters.get("layer2.0.shortcut.0.weight")!.shape, [1, 1, 64, 128]);
 * model.dispose();
 * ```
 */
export function preActResNet18(
  options: PreActResNet18Options = {},
): Network<PreActResNet18Options> {
  requireKnownOptions("preActResNet18", options, optionNames);
  const settings = networkSettings<PreActResNet18Options>(options, {
    bnBeforeFc: false,
    outShortcut: false,
  });
  requireBoolean("bnBeforeFc", settings.bnBeforeFc);
  requireBoolean("outShortcut", settings.outShortcut);
  return residualNetwork<PreActResNet18Options>(settings, {
    architecture: "preactresnet18",
    head: "linear",
    features: FEATURES,
    strides: 8,
    batchNorm: true,
    layers: (store) => layersOf(settings, store),
  });
}
