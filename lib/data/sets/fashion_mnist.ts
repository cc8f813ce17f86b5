import { cropAndFlipGarment } from "../_augment_policies.ts";
import type { DatasetDefinition } from "../definition.ts";
import { fashionLike } from "../procedural/fashion_like.ts";
import { idxDataset, type PublishedFile } from "./_mnist_format.ts";

/** The files below FashionMNIST/, with MD5 checksums as in torchvision. */
const OFFICIAL: readonly PublishedFile[] = [
  ["train-images-idx3-ubyte.gz", 26421880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"],
  ["train-labels-idx1-ubyte.gz", 29515, "25c81989df183df01b3e8a0aad5dffbe"],
  ["t10k-images-idx3-ubyte.gz", 4422102, "bef4ecab320f06d8554ea6380940ec79"],
  ["t10k-labels-idx1-ubyte.gz", 5148, "bb300cfdad3c16e7a12a480ee83cd310"],
];

/** Fashion-MNIST: grey pictures of garments (Xiao, Rasul and Vollgraf 2017). */
export const fashionmnist: DatasetDefinition = {
  title: "Fashion-MNIST",
  classNames: [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
  ],
  ...idxDataset("FashionMNIST", OFFICIAL, [
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
  ]),
  standIn: { stream: 3, paint: fashionLike },
  augment: cropAndFlipGarment,
  normalisation: { mean: [0.286, 0.286, 0.286], std: [0.353, 0.353, 0.353] },
  epochs: 6,
};
