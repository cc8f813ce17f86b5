import { damagedFile } from "../_file_errors.ts";
import { shiftDigit } from "../_augment_policies.ts";
import {
  CHANNELS,
  type DatasetDefinition,
  digits,
  IMAGE_BYTES,
  IMAGE_SIZE,
  type LabelledImages,
  type Split,
} from "../definition.ts";
import { svhnLike } from "../procedural/svhn_like.ts";
import { type Mat5Matrix, readMat5 } from "../mat5.ts";

/** Label under which SVHN stores the digit 0. */
const ZERO_LABEL = 10;

/** Number of images of an array of these dimensions; MATLAB drops a last dimension of size one. */
function imageCount(matrix: Mat5Matrix, maxImages: number): number {
  const { dimensions } = matrix;
  const [height, width, channels, count = 1] = dimensions;
  if (
    height !== IMAGE_SIZE || width !== IMAGE_SIZE || channels !== CHANNELS || dimensions.length > 4
  ) {
    throw matrix.damaged(`X is ${dimensions.join(" x ")} instead of 32 x 32 x 3 x N`);
  }
  if (!(count >= 1 && count <= maxImages)) {
    throw matrix.damaged(`X claims ${count} images instead of 1 to ${maxImages}`);
  }
  return count;
}

/** Column-major [row, column, channel] to row-major. */
function transpose(columnMajor: Uint8Array, images: Uint8Array, offset: number): void {
  let position = offset;
  for (let row = 0; row < IMAGE_SIZE; row++) {
    for (let column = 0; column < IMAGE_SIZE; column++) {
      for (let c = 0; c < CHANNELS; c++) {
        images[position++] = columnMajor[row + IMAGE_SIZE * (column + IMAGE_SIZE * c)]!;
      }
    }
  }
}

function toLabels(matrix: Mat5Matrix, values: readonly number[]): Uint8Array {
  return Uint8Array.from(values, (value, k) => {
    if (!(Number.isInteger(value) && value >= 1 && value <= ZERO_LABEL)) {
      throw matrix.damaged(`label ${k} is ${value} instead of 1 to ${ZERO_LABEL}`);
    }
    return value % ZERO_LABEL;
  });
}

/**
 * Reads a file of SVHN's format 2: a MAT-file with X (32 x 32 x 3 x N uint8) and y (N x 1).
 *
 * @param path The file.
 * @param maxImages Largest number of images, checked before anything is allocated.
 * @returns Images and labels; the stored label 10 is the digit 0.
 * @throws {Error} Naming the file, if it is unreadable, truncated, corrupt, or X and y are not of
 * the described shape and range.
 */
export async function readSvhn(path: string, maxImages: number): Promise<LabelledImages> {
  let images: Uint8Array = new Uint8Array();
  let labels: Uint8Array = new Uint8Array();
  await readMat5(path, ["X", "y"], async (matrix) => {
    if (matrix.name === "y") {
      labels = toLabels(matrix, await matrix.numbers(maxImages));
      return;
    }
    images = new Uint8Array(imageCount(matrix, maxImages) * IMAGE_BYTES);
    await matrix.bytes(
      IMAGE_BYTES,
      (piece, k) => transpose(piece, images, k * IMAGE_BYTES),
    );
  });
  if (images.length !== labels.length * IMAGE_BYTES) {
    throw damagedFile(
      path,
      "byte 128",
      `X holds ${images.length / IMAGE_BYTES} images but y ${labels.length} labels`,
    );
  }
  return { images, labels };
}

/** The files below SVHN/, with sizes and MD5 checksums as in torchvision. */
const OFFICIAL: readonly (readonly [name: string, bytes: number, md5: string])[] = [
  ["train_32x32.mat", 182040794, "e26dedcc434d2e4c54c9b2d4a06d8373"],
  ["test_32x32.mat", 64275384, "eb5a983be6a315427106f1b164d9cef3"],
];

/** The split of the published runs; see lab_subset.ts. */
export const LAB_SPLIT_DIGESTS: Readonly<Record<Split, string>> = {
  train: "ff34d4fbd13302429da24515a5bf5557ad60fd5645fe4bef28507c775aaf2c7e",
  test: "94f8c5d5da9969a037261b339ded58ce169211a8d1d43d0e439c3b77a026f209",
};

/** SVHN, format 2: digits of house numbers (Netzer et al. 2011). */
export const svhn: DatasetDefinition = {
  title: "SVHN",
  counts: { train: 73257, test: 26032 },
  classNames: digits,
  files: { train: ["SVHN/train_32x32.mat"], test: ["SVHN/test_32x32.mat"] },
  // torchvision leaves them in the data directory itself.
  places: (file) => [file, file.replace(/^SVHN\//, "")],
  // The official splits are told by the MD5 sums of their files.
  contents: {
    train: [{ sha256: LAB_SPLIT_DIGESTS.train, source: "real-subset" }],
    test: [{ sha256: LAB_SPLIT_DIGESTS.test, source: "real-subset" }],
  },
  read: ([path], maxImages) => readSvhn(path!, maxImages),
  officialFiles: OFFICIAL.map(([name, bytes, md5]) => ({
    path: `SVHN/${name}`,
    urls: [
      `http://ufldl.stanford.edu/housenumbers/${name}`,
      `https://ufldl.stanford.edu/housenumbers/${name}`,
    ],
    bytes,
    md5,
  })),
  standIn: { stream: 1, paint: svhnLike },
  augment: shiftDigit,
  normalisation: { mean: [0.4377, 0.4438, 0.4728], std: [0.198, 0.201, 0.197] },
  epochs: 15,
  transferTo: "mnist",
};
