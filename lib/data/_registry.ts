import { cifar10 } from "./sets/cifar10.ts";
import { cifar100 } from "./sets/cifar100.ts";
import { fashionmnist } from "./sets/fashion_mnist.ts";
import { kmnist } from "./sets/kmnist.ts";
import { mnist } from "./sets/mnist.ts";
import { svhn } from "./sets/svhn.ts";

/** All datasets by name. */
export const definitions = { mnist, svhn, cifar10, cifar100, fashionmnist, kmnist } as const;
