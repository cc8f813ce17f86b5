import { cifar10 } from "./sets/cifar10.ts";
import { mnist } from "./sets/mnist.ts";
import { svhn } from "./sets/svhn.ts";

/** All datasets by name. */
export const definitions = { mnist, svhn, cifar10 } as const;
