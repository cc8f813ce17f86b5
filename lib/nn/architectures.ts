/** The networks that checkpoints, runs and the command line make by name. */
import { resnet20, resnet32, resnet44, resnet56 } from "./cifar_resnet.ts";
import { MODEL_FACTS, MODEL_NAMES, type ModelName } from "./model_names.ts";
import type { Network, NetworkOptions } from "./network_options.ts";
import { preActResNet18, type PreActResNet18Options } from "./pre_act_resnet18.ts";
import { resnet18 } from "./resnet18.ts";
import { resnet34 } from "./resnet34.ts";
import type { ResNetOptions } from "./_torchvision_resnet.ts";

/** All options of all networks. */
export type AnyNetworkOptions = ResNetOptions & PreActResNet18Options;

const plain: Readonly<Record<string, (options: NetworkOptions) => Network>> = {
  resnet20,
  resnet32,
  resnet44,
  resnet56,
};

/**
 * Makes a network by name.
 *
 * @param name One of {@linkcode MODEL_NAMES}.
 * @param options Those that the network does not have are left out.
 * @throws {RangeError} If there is no such network, or an option is out of bounds.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const model = makeNetwork("resnet20", { stem: "cifar", classes: 7 });
 * assertEquals([model.architecture, model.classes], ["resnet20", 7]);
 * model.dispose();
 * ```
 */
export function makeNetwork(name: string, options: AnyNetworkOptions = {}): Network {
  const known: ModelName | undefined = MODEL_NAMES.find((one) => one === name);
  if (known === undefined) {
    throw new RangeError(
      `Expected the name of a network to be one of ${MODEL_NAMES.join(", ")} but found ${name}`,
    );
  }
  const { bnBeforeFc, outShortcut, stem, batchNorm, ...shared } = options;
  if (known === "preactresnet18") {
    return preActResNet18({
      ...shared,
      ...(bnBeforeFc === undefined ? {} : { bnBeforeFc }),
      ...(outShortcut === undefined ? {} : { outShortcut }),
    });
  }
  if (!MODEL_FACTS[known].choosesStem) return plain[known]!(shared);
  return (known === "resnet18" ? resnet18 : resnet34)({
    ...shared,
    ...(stem === undefined ? {} : { stem }),
    ...(batchNorm === undefined ? {} : { batchNorm }),
  });
}
