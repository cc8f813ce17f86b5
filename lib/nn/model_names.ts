/** The names of the networks that checkpoints, runs and the command line know. */

/** What of a network can be said without making it. */
export interface ModelFacts {
  /** As a text names it, e.g. "ResNet-34". */
  readonly title: string;
  /** Whether it has the options `stem` and `batchNorm`; else the stem is a 3x3 convolution. */
  readonly choosesStem: boolean;
}

/** Names of networks. */
export const MODEL_NAMES = [
  "resnet18",
  "resnet34",
  "resnet20",
  "resnet32",
  "resnet44",
  "resnet56",
  "preactresnet18",
] as const;

/** The name of a network. */
export type ModelName = typeof MODEL_NAMES[number];

/** The network where none is named. */
export const DEFAULT_MODEL = "resnet18" satisfies ModelName;

/** Names of the last layer's parameters, in every network. */
export const HEAD_PATTERN = /^(?:fc|linear)\./;

/** Name of a network's last layer, by its parameters. */
export function headOf(parameters: ReadonlyMap<string, unknown>): "fc" | "linear" {
  return parameters.has("fc.weight") ? "fc" : "linear";
}

/** A row for each. */
export const MODEL_FACTS: Readonly<Record<ModelName, ModelFacts>> = {
  resnet18: { title: "ResNet-18", choosesStem: true },
  resnet34: { title: "ResNet-34", choosesStem: true },
  resnet20: { title: "ResNet-20", choosesStem: false },
  resnet32: { title: "ResNet-32", choosesStem: false },
  resnet44: { title: "ResNet-44", choosesStem: false },
  resnet56: { title: "ResNet-56", choosesStem: false },
  preactresnet18: { title: "PreActResNet-18", choosesStem: false },
};

/**
 * The name that a text means, whatever its case, hyphens and blanks.
 *
 * @returns `undefined` if there is no such network.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(modelNamed("PreActResNet-18"), "preactresnet18");
 * assertEquals(modelNamed("vgg16"), undefined);
 * ```
 */
export function modelNamed(text: string): ModelName | undefined {
  const plain = text.toLowerCase().replace(/[-_ ]/g, "");
  return MODEL_NAMES.find((name) => name === plain);
}
