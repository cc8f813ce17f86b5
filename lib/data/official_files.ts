/**
 * Where the official files are published, with their sizes and published MD5 checksums.
 * Sources: torchvision's dataset classes (MNIST, SVHN) and the CIFAR-10 home page.
 */
import type { DatasetName } from "./dataset.ts";

/** A file on the web. */
export interface RemoteFile {
  /** Where it belongs below the data directory. */
  readonly path: string;
  /** The publisher's address first, then mirrors; the checksum holds for all. */
  readonly urls: readonly string[];
  readonly bytes: number;
  /** Hexadecimal. */
  readonly md5: string;
  /** For an archive: the members to take out, by path in the archive, with their sizes. */
  readonly members?: Readonly<Record<string, number>>;
}

const mnistFiles: readonly (readonly [name: string, bytes: number, md5: string])[] = [
  ["train-images-idx3-ubyte.gz", 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"],
  ["train-labels-idx1-ubyte.gz", 28881, "d53e105ee54ea40749a09fcbcd1e9432"],
  ["t10k-images-idx3-ubyte.gz", 1648877, "9fb629c4189551a2d022fa330f9573f3"],
  ["t10k-labels-idx1-ubyte.gz", 4542, "ec29112dd5afa0611ce80d1b7f02629c"],
];
const svhnFiles: readonly (readonly [name: string, bytes: number, md5: string])[] = [
  ["train_32x32.mat", 182040794, "e26dedcc434d2e4c54c9b2d4a06d8373"],
  ["test_32x32.mat", 64275384, "eb5a983be6a315427106f1b164d9cef3"],
];
const cifarBatches = [1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`);
/** 10,000 records of 3,073 bytes. */
const CIFAR_BATCH_BYTES = 30730000;

/** The official files of each dataset. */
export const officialFiles: Readonly<Record<DatasetName, readonly RemoteFile[]>> = {
  mnist: mnistFiles.map(([name, bytes, md5]) => ({
    path: `MNIST/${name}`,
    urls: [
      `https://ossci-datasets.s3.amazonaws.com/mnist/${name}`,
      `https://storage.googleapis.com/cvdf-datasets/mnist/${name}`,
    ],
    bytes,
    md5,
  })),
  svhn: svhnFiles.map(([name, bytes, md5]) => ({
    path: `SVHN/${name}`,
    urls: [
      `http://ufldl.stanford.edu/housenumbers/${name}`,
      `https://ufldl.stanford.edu/housenumbers/${name}`,
    ],
    bytes,
    md5,
  })),
  cifar10: [{
    path: "cifar-10-binary.tar.gz",
    urls: [
      "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-binary.tar.gz",
    ],
    bytes: 170052171,
    md5: "c32a1d4ab5d03f1284b67883e8d87530",
    members: Object.fromEntries(
      [...cifarBatches, "test_batch.bin"].map((
        name,
      ) => [`cifar-10-batches-bin/${name}`, CIFAR_BATCH_BYTES]),
    ),
  }],
};
