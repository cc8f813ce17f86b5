import { damagedFile } from "../_file_errors.ts";
import { shiftDigit } from "../_augment_policies.ts";
import {
  CHANNELS,
  type DatasetDefinition,
  digits,
  IMAGE_SIZE,
  type LabelledImages,
} from "../definition.ts";
import { mnistLike } from "../procedural/mnist_like.ts";
import { readIdx } from "../idx.ts";
import { resizeBilinear } from "../resize.ts";

const MNIST_SIZE = 28;
const CLASSES = 10;
/** Bytes before the first label: magic number and count. */
const LABELS_START = 8;

/** Repeats each grey value for red, green and blue. */
function greyToRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * CHANNELS);
  for (let k = 0; k < grey.length; k++) {
    rgb[CHANNELS * k] = rgb[CHANNELS * k + 1] = rgb[CHANNELS * k + 2] = grey[k]!;
  }
  return rgb;
}

/**
 * Reads a pair of MNIST files; 28 x 28 grey images become 32 x 32 with three equal channels.
 *
 * @param imagesPath The IDX file of images, gzip-packed if its name ends in ".gz".
 * @param labelsPath The IDX file of labels.
 * @param maxImages Largest number of images, checked before anything is allocated.
 * @returns Images and labels.
 * @throws {Error} Naming the file, if one is unreadable, truncated, corrupt or of another shape, or
 * the two do not hold the same number of items.
 */
export async function readMnist(
  imagesPath: string,
  labelsPath: string,
  maxImages: number,
): Promise<LabelledImages> {
  const { values: labels } = await readIdx(labelsPath, { itemShape: [], maxItems: maxImages });
  labels.forEach((label, k) => {
    if (label >= CLASSES) {
      const place = `byte ${LABELS_START + k} of what it unpacks to`;
      throw damagedFile(labelsPath, place, `label ${k} is ${label}, above 9`);
    }
  });
  const { values, shape } = await readIdx(imagesPath, {
    itemShape: [MNIST_SIZE, MNIST_SIZE],
    maxItems: maxImages,
  });
  if (shape[0] !== labels.length) {
    throw damagedFile(
      imagesPath,
      "byte 4 of what it unpacks to",
      `it holds ${shape[0]} images but ${labelsPath} ${labels.length} labels`,
    );
  }
  return { images: greyToRgb(resizeBilinear(values, MNIST_SIZE, IMAGE_SIZE)), labels };
}

/** The files below MNIST/, with sizes and MD5 checksums as in torchvision. */
const OFFICIAL: readonly (readonly [name: string, bytes: number, md5: string])[] = [
  ["train-images-idx3-ubyte.gz", 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"],
  ["train-labels-idx1-ubyte.gz", 28881, "d53e105ee54ea40749a09fcbcd1e9432"],
  ["t10k-images-idx3-ubyte.gz", 1648877, "9fb629c4189551a2d022fa330f9573f3"],
  ["t10k-labels-idx1-ubyte.gz", 4542, "ec29112dd5afa0611ce80d1b7f02629c"],
];
const paths = OFFICIAL.map(([name]) => `MNIST/${name}`);

/** As published, unpacked, and in torchvision's folder, which has both. */
function withTorchvisions(file: string): string[] {
  const unpacked = file.replace(/\.gz$/, "");
  const inRaw = (path: string) => path.replace(/^MNIST\//, "MNIST/raw/");
  return [file, unpacked, inRaw(file), inRaw(unpacked)];
}

/** MNIST: handwritten digits (LeCun et al. 1998). */
export const mnist: DatasetDefinition = {
  title: "MNIST",
  counts: { train: 60000, test: 10000 },
  classNames: digits,
  files: { train: paths.slice(0, 2), test: paths.slice(2) },
  places: withTorchvisions,
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
  read: ([images, labels], maxImages) => readMnist(images!, labels!, maxImages),
  officialFiles: OFFICIAL.map(([name, bytes, md5]) => ({
    path: `MNIST/${name}`,
    urls: [
      `https://ossci-datasets.s3.amazonaws.com/mnist/${name}`,
      `https://storage.googleapis.com/cvdf-datasets/mnist/${name}`,
    ],
    bytes,
    md5,
  })),
  standIn: { stream: 0, paint: mnistLike },
  augment: shiftDigit,
  normalisation: { mean: [0.1307, 0.1307, 0.1307], std: [0.3081, 0.3081, 0.3081] },
  epochs: 4,
  transferTo: "svhn",
};
