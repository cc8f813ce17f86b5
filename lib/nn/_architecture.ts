/** What the names and shapes of a file's tensors say about the network that they belong to. */
import type { AnyNetworkOptions } from "./architectures.ts";
import { MODEL_NAMES, type ModelName } from "./model_names.ts";

/** Shapes, in PyTorch's layouts, by torchvision's names. */
export type TensorShapes = ReadonlyMap<string, readonly number[]>;

/** Names that the lab's networks may have, under torchvision's name of the last layer. */
const RESNET_NAME = /^(?:conv1|bn1|bn|fc)\.\w+$|^layer[1-4]\.\d+\./;

/** Whether a residual network has tensors of this name. */
export function isResNetName(name: string): boolean {
  return RESNET_NAME.test(name);
}

/** Other networks by names that only they have. */
const SIGNATURES: readonly (readonly [name: RegExp, network: string])[] = [
  [/embedder\.embedder\.convolution/, "a ResNet with the names of Hugging Face transformers"],
  [/^(?:module\.)?block\d\.layer\.\d+\./, "a Wide ResNet of the kind for 32 x 32 images"],
  [/denseblock1\./, "a DenseNet"],
  [/class_token|cls_token|patch_embed|encoder_layer_0/, "a vision transformer"],
  [/embed_tokens|word_embeddings|\bwte\.weight|token_embd/, "a language model"],
  [/layer_scale|^stages\.\d+\.blocks/, "a ConvNeXt"],
  [/^(?:module\.)?features\.\d+\.\d+\./, "a MobileNet or EfficientNet"],
  [/^(?:module\.)?features\.\d+\.weight$/, "a VGG or AlexNet"],
  [/^(?:Mixed_5b|inception3a)\./, "an Inception network"],
  [/^(?:module\.)?fc1\.weight$/, "a small network without residual blocks"],
];

function blocksOf(shapes: TensorShapes): number[] {
  const blocks: number[] = [];
  for (const name of shapes.keys()) {
    const [, stage, block] = /^layer([1-9])\.(\d{1,3})\./.exec(name) ?? [];
    if (stage === undefined) continue;
    const k = Number(stage) - 1;
    blocks[k] = Math.max(blocks[k] ?? 0, Number(block) + 1);
  }
  return Array.from(blocks, (count) => count ?? 0);
}

/** What sets a network apart from the plain ResNet of the same depth; "" if nothing does. */
function flavourOf(shapes: TensorShapes): string {
  const has = (name: string) => shapes.has(name);
  const names = [...shapes.keys()];
  const [outputs = 0, inputs = 0] = shapes.get("layer1.0.conv2.weight") ?? [];
  const bottleneck = has("layer1.0.conv3.weight");
  if (names.some((name) => /^layer\d\.\d+\.se\.|^layer1\.0\.fc1\./.test(name))) return "SE-";
  if (has("layer1.0.bn1.weight") && !has("bn1.weight") && !has("conv1.0.weight")) {
    return "pre-activation ";
  }
  if (bottleneck && inputs < outputs) return "ResNeXt-like ";
  if (bottleneck && outputs > 64) return "wide ";
  if (names.some((name) => /^conv1\.\d+\.weight$/.test(name))) return "deep-stem ";
  return "";
}

const WIDTHS = "64,128,256,512";
const CIFAR_WIDTHS = "16,32,64,?";

/** Whether a shortcut has a projection, under torchvision's name or another one. */
function hasProjections(shapes: TensorShapes): boolean {
  return [...shapes.keys()].some((name) => /^layer\d\.\d+\.(?:downsample|shortcut)\./.test(name));
}

/** Outputs of each stage's first convolution, where all of them are there. */
function widthsOf(shapes: TensorShapes): string {
  return [1, 2, 3, 4].map((stage) => shapes.get(`layer${stage}.0.conv1.weight`)?.[0] ?? "?").join();
}

/**
 * Names the network that tensors belong to, if it cannot be a ResNet-18.
 *
 * @returns E.g. "a ResNet-50 (bottleneck blocks 3, 4, 6, 3)"; `undefined` for a ResNet-18, and where
 * nothing tells.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const shapes = new Map([["layer1.0.conv3.weight", [256, 64, 1, 1]], ["layer4.2.bn1.bias", [512]]]);
 * assertEquals(otherArchitecture(shapes), "a ResNet-14 (bottleneck blocks 1, 0, 0, 3)");
 * ```
 */
export function otherArchitecture(shapes: TensorShapes): string | undefined {
  const blocks = blocksOf(shapes);
  if (blocks.length === 0) {
    for (const [pattern, network] of SIGNATURES) {
      for (const name of shapes.keys()) if (pattern.test(name)) return network;
    }
    return undefined;
  }
  const bottleneck = shapes.has("layer1.0.conv3.weight");
  const flavour = flavourOf(shapes);
  const count = blocks.reduce((sum, one) => sum + one, 0);
  // Two or three convolutions a block, the first one and the linear layer.
  const depth = (bottleneck ? 3 : 2) * count + 2;
  const kind = bottleneck ? "bottleneck" : "basic";
  const article = flavour === "SE-" ? "an" : "a";
  const name = `${article} ${flavour}ResNet-${depth} (${kind} blocks ${blocks.join(", ")})`;
  const widths = widthsOf(shapes);
  if (widths === CIFAR_WIDTHS && hasProjections(shapes)) return `${name} with projections`;
  if (bottleneck || flavour !== "" || blocks.join() !== "2,2,2,2") return name;
  if (widths.includes("?") || widths === WIDTHS) return undefined;
  return `a ResNet-18 of other widths (${widths.replaceAll(",", ", ")})`;
}

/**
 * The network of the lab that tensors belong to.
 *
 * @returns `undefined` if it is none, or too few tensors are there to tell.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const blocks = [1, 2, 3].flatMap((stage) =>
 *   [0, 1, 2].map((k) =>
 *     [`layer${stage}.${k}.conv1.weight`, [8 * 2 ** stage, 8 * 2 ** stage, 3, 3]] as const
 *   )
 * );
 * assertEquals(knownArchitecture(new Map(blocks)), "resnet20");
 * ```
 */
export function knownArchitecture(shapes: TensorShapes): ModelName | undefined {
  if (shapes.has("layer1.0.conv3.weight")) return undefined;
  const [flavour, blocks, widths] = [flavourOf(shapes), blocksOf(shapes).join(), widthsOf(shapes)];
  if (widths === CIFAR_WIDTHS) {
    const [first = 0] = blocksOf(shapes);
    const isEven = blocks === [first, first, first].join();
    if (flavour !== "" || !isEven || hasProjections(shapes)) return undefined;
    return MODEL_NAMES.find((name) => name === `resnet${6 * first + 2}`);
  }
  if (widths !== WIDTHS) return undefined;
  if (flavour === "pre-activation ") {
    const hasNorms = [...shapes.keys()].some((name) => /\.(?:downsample|shortcut)\.1\./.test(name));
    return blocks === "2,2,2,2" && !hasNorms ? "preactresnet18" : undefined;
  }
  if (flavour !== "") return undefined;
  return blocks === "2,2,2,2" ? "resnet18" : blocks === "3,4,6,3" ? "resnet34" : undefined;
}

/** Options that the tensors of a network reveal; each only where its tensor is there. */
export type RevealedOptions = Pick<
  AnyNetworkOptions,
  "stem" | "batchNorm" | "classes" | "bnBeforeFc" | "outShortcut"
>;

/** What the tensors say of options that other networks do not have. */
function ownOptions(shapes: TensorShapes, name: ModelName, kernel: number | undefined) {
  if (name === "preactresnet18") {
    // No tensor tells what the projections see; the networks with a last batch norm that RobustBench
    // publishes let them see the activated maps.
    const bnBeforeFc = shapes.has("bn.weight");
    return { bnBeforeFc, outShortcut: bnBeforeFc };
  }
  if (kernel === undefined || (name !== "resnet18" && name !== "resnet34")) return {};
  const stem = kernel === 7 ? "imagenet" : "cifar";
  return { stem, batchNorm: shapes.has("bn1.weight") } as const;
}

/**
 * The options of a network that its tensors' shapes reveal: the stem by the first convolution, the
 * classes by the last layer.
 *
 * @param name The network. Default "resnet18".
 * @throws {RangeError} If the first convolution is none that the network has.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const shapes = new Map([["conv1.weight", [64, 3, 3, 3]], ["fc.bias", [100]]]);
 * assertEquals(revealedOptions(shapes), { stem: "cifar", batchNorm: false, classes: 100 });
 * ```
 */
export function revealedOptions(
  shapes: TensorShapes,
  name: ModelName = "resnet18",
): RevealedOptions {
  const [, , height, width] = shapes.get("conv1.weight") ?? [];
  const kernels = name === "resnet18" || name === "resnet34" ? [7, 3] : [3];
  if (height !== undefined && (height !== width || !kernels.includes(height))) {
    throw new RangeError(
      `Expected the first convolution to be ${kernels.map((k) => `${k} x ${k}`).join(" or ")} ` +
        `but found ${height} x ${width}`,
    );
  }
  const classes = (shapes.get("fc.weight") ?? shapes.get("fc.bias"))?.[0];
  return {
    ...ownOptions(shapes, name, height),
    ...(classes === undefined ? {} : { classes }),
  };
}
