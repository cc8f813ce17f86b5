import { shiftDigit } from "../_augment_policies.ts";
import { type DatasetDefinition, digits } from "../definition.ts";
import { mnistLike } from "../procedural/mnist_like.ts";
import { idxDataset, type PublishedFile } from "./_mnist_format.ts";

/** The files below MNIST/, with sizes and MD5 checksums as in torchvision. */
const OFFICIAL: readonly PublishedFile[] = [
  ["train-images-idx3-ubyte.gz", 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"],
  ["train-labels-idx1-ubyte.gz", 28881, "d53e105ee54ea40749a09fcbcd1e9432"],
  ["t10k-images-idx3-ubyte.gz", 1648877, "9fb629c4189551a2d022fa330f9573f3"],
  ["t10k-labels-idx1-ubyte.gz", 4542, "ec29112dd5afa0611ce80d1b7f02629c"],
];

/** MNIST: handwritten digits (LeCun et al. 1998). */
export const mnist: DatasetDefinition = {
  title: "MNIST",
  classNames: digits,
  ...idxDataset("MNIST", OFFICIAL, [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
  ]),
  contents: {
    train: [{
      sha256: "6c07f685b1668c65a470abdcf1a4cefb1a568c6a9e68cc7031f9f31f42afcf80",
      source: "real",
    }],
    test: [{
      sha256: "20e5e50810e146972bdf9c8bf9f71758db3a3cce00cf3de9fda427edc659f835",
      source: "real",
    }],
  },
  standIn: { stream: 0, paint: mnistLike },
  augment: shiftDigit,
  normalisation: { mean: [0.1307, 0.1307, 0.1307], std: [0.3081, 0.3081, 0.3081] },
  epochs: 4,
  transferTo: "svhn",
};
