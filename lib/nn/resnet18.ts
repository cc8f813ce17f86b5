/**
 * ResNet-18: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016,
 * table 1, by hand, with torchvision's parameter names.
 */
import type { Network } from "./network_options.ts";
import { type ResNetOptions, type Stem, torchvisionResNet } from "./_torchvision_resnet.ts";

export type { Stem };

/** What {@linkcode resnet18} can be told. */
export type ResNet18Options = ResNetOptions;

/** A ResNet-18 and the options it was made with. */
export type ResNet18 = Network<ResNet18Options>;

/**
 * Creates a ResNet-18 with He-initialised weights.
 *
 * @param options See {@linkcode ResNetOptions}.
 * @returns A classifier; `features` is the 512-d average pool before dropout. It owns its
 * variables: dispose it.
 * @throws {RangeError} If an option is out of bounds.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { tf } from "../backend/tf.ts";
 * const model = resnet18({ seed: 1 });
 * const { logits, features } = model.forward(tf.zeros([2, 32, 32, 3]));
 * assertEquals([logits.shape, features.shape], [[2, 10], [2, 512]]);
 * model.dispose();
 * ```
 */
export function resnet18(options: ResNet18Options = {}): ResNet18 {
  return torchvisionResNet({ architecture: "resnet18", blocks: [2, 2, 2, 2] }, options);
}
