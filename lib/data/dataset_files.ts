import { fileSize } from "./_file_errors.ts";
import { datasetFacts, type DatasetName, type Split } from "./dataset.ts";
import { readCifar10 } from "./cifar10.ts";
import type { LabelledImages } from "./labelled_images.ts";
import { readMnist } from "./mnist.ts";
import { readSvhn } from "./svhn.ts";

const CIFAR_BATCHES = [1, 2, 3, 4, 5].map((k) => `cifar-10-batches-bin/data_batch_${k}.bin`);

/** Paths of each split's files below the data directory, as the publishers name them. */
const layout: Readonly<Record<DatasetName, Readonly<Record<Split, readonly string[]>>>> = {
  mnist: {
    train: ["MNIST/train-images-idx3-ubyte.gz", "MNIST/train-labels-idx1-ubyte.gz"],
    test: ["MNIST/t10k-images-idx3-ubyte.gz", "MNIST/t10k-labels-idx1-ubyte.gz"],
  },
  svhn: { train: ["SVHN/train_32x32.mat"], test: ["SVHN/test_32x32.mat"] },
  cifar10: { train: CIFAR_BATCHES, test: ["cifar-10-batches-bin/test_batch.bin"] },
};

/** Which of a dataset's files lie in a directory. */
export interface DatasetFiles {
  /** Full paths of those that are there, by split, in reading order. */
  readonly present: Readonly<Record<Split, readonly string[]>>;
  /** Full paths of those that are needed but absent, by split. */
  readonly missing: Readonly<Record<Split, readonly string[]>>;
}

/**
 * Looks for a dataset's files. CIFAR-10's training split may be one batch alone, the layout of a
 * subset; otherwise all five are needed.
 *
 * @throws {Error} Naming the path, if something that is no readable file stands in a file's place.
 */
export async function findDatasetFiles(
  name: DatasetName,
  directory: string,
): Promise<DatasetFiles> {
  const present: Record<Split, string[]> = { train: [], test: [] };
  const missing: Record<Split, string[]> = { train: [], test: [] };
  for (const split of ["train", "test"] as const) {
    for (const file of layout[name][split]) {
      const path = `${directory.replace(/\/+$/, "")}/${file}`;
      const there = await fileSize(path) !== undefined;
      (there ? present : missing)[split].push(path);
    }
  }
  const isSubset = present.train.length === 1 && present.train[0]!.endsWith("data_batch_1.bin");
  return { present, missing: isSubset ? { ...missing, train: [] } : missing };
}

/** Reads all of a split's images from its files. */
export function readDatasetFiles(
  name: DatasetName,
  split: Split,
  paths: readonly string[],
): Promise<LabelledImages> {
  const maxImages = datasetFacts(name).counts[split];
  switch (name) {
    case "mnist":
      return readMnist(paths[0]!, paths[1]!, maxImages);
    case "svhn":
      return readSvhn(paths[0]!, maxImages);
    case "cifar10":
      return readCifar10(paths);
  }
}
