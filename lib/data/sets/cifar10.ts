import { cropAndFlipObject } from "../_augment_policies.ts";
import type { DatasetDefinition, LabelledImages } from "../definition.ts";
import { cifarLike, cifarLikeClasses } from "../procedural/cifar_like.ts";
import { type CifarFormat, readCifar, recordBytes } from "./_cifar_format.ts";

const FORMAT: CifarFormat = { labelBytes: 1, classes: 10, maxRecords: 10000 };

/**
 * Reads files of CIFAR-10's binary version, see {@linkcode readCifar}.
 *
 * @param paths The files, in the order of their records in the result.
 * @returns All records.
 */
export function readCifar10(paths: readonly string[]): Promise<LabelledImages> {
  return readCifar(paths, FORMAT);
}

const FOLDER = "cifar-10-batches-bin";
const train = [1, 2, 3, 4, 5].map((k) => `${FOLDER}/data_batch_${k}.bin`);
const TEST_FILES = [`${FOLDER}/test_batch.bin`];

/** Writes the binary version beside the Python version; takes the data directory. */
const CONVERSION = `python3 -c "import os, pickle, sys; d = sys.argv[1]; ` +
  `os.makedirs(d + '/cifar-10-batches-bin', exist_ok=True); ` +
  `[open(f'{d}/cifar-10-batches-bin/{n}.bin', 'wb').write(b''.join(bytes([y]) + x.tobytes() ` +
  `for y, x in zip(b[b'labels'], b[b'data']))) ` +
  `for n in [*(f'data_batch_{k}' for k in range(1, 6)), 'test_batch'] ` +
  `for b in [pickle.load(open(f'{d}/cifar-10-batches-py/{n}', 'rb'), encoding='bytes')]]"`;

/** CIFAR-10, binary version: ten kinds of objects (Krizhevsky 2009). */
export const cifar10: DatasetDefinition = {
  title: "CIFAR-10",
  counts: { train: 50000, test: 10000 },
  classNames: [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
  ],
  files: { train, test: TEST_FILES },
  refused: {
    files: [...train, ...TEST_FILES].map((file) =>
      file.replace("-batches-bin/", "-batches-py/").replace(/\.bin$/, "")
    ),
    explain: (found, directory) =>
      `${found} is a pickle of CIFAR-10's Python version. A pickle can run any code, so the lab never ` +
      `reads one. Fetch the binary version (deno task download --dataset cifar10 --data ` +
      `${directory}), or convert it with a Python that has numpy: ${CONVERSION} ${directory}`,
  },
  contents: {
    train: [
      {
        sha256: "f912919bdea371136f1aa4feed6beeca728015a5f08b1899a29c932a7e30be2b",
        source: "real",
      },
      // data_batch_1.bin alone.
      {
        sha256: "8350d89ba6404c270d263d84bf037e74b0158eecac79f27405efcf23445a6997",
        source: "real-subset",
      },
      // The subset of the published runs.
      {
        sha256: "df020e0d6393c16fa1eccd607024d64dff9fe828aa1a06311858780a70af9536",
        source: "real-subset",
      },
    ],
    test: [
      {
        sha256: "8193b3fbce55bec361cd1b8fd4880cb1649832dc4d6de6da1e7a21847a4843aa",
        source: "real",
      },
      {
        sha256: "3bbdff8a1946fbed0a833aaf37c6ffbb3d391356d3e79d47a8030d5ee93186db",
        source: "real-subset",
      },
    ],
  },
  subsetFile: train[0]!,
  read: (paths) => readCifar10(paths),
  // Size and MD5 checksum as on the dataset's home page.
  officialFiles: [{
    path: "cifar-10-binary.tar.gz",
    urls: [
      "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-binary.tar.gz",
    ],
    bytes: 170052171,
    md5: "c32a1d4ab5d03f1284b67883e8d87530",
    members: Object.fromEntries(
      [...train, ...TEST_FILES].map((name) => [name, FORMAT.maxRecords * recordBytes(FORMAT)]),
    ),
  }],
  standIn: { stream: 2, paint: cifarLike, classNames: cifarLikeClasses },
  augment: cropAndFlipObject,
  normalisation: { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
  epochs: 15,
};
