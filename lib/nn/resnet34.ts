/**
 * ResNet-34: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016,
 * table 1, with torchvision's parameter names.
 */
import type { Network } from "./network_options.ts";
import { type ResNetOptions, torchvisionResNet } from "./_torchvision_resnet.ts";

/**
 * Creates a ResNet-34 with He-initialised weights: the ResNet-18 with 3, 4, 6 and 3 blocks.
 *
 * @param options As those of {@linkcode resnet18}.
 * @returns A classifier; `features` is the 512-d average pool before dropout. It owns its
 * variables: dispose it.
 * @throws {RangeError} If an option is out of bounds.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const model = resnet34({ stem: "cifar", classes: 7 });
 * assertEquals(model.parameters.get("layer3.5.conv2.weight")!.shape, [3, 3, 256, 256]);
 * model.dispose();
 * ```
 */
export function resnet34(options: ResNetOptions = {}): Network<ResNetOptions> {
  return torchvisionResNet({ architecture: "resnet34", blocks: [3, 4, 6, 3] }, options);
}
