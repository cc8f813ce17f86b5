/** The format of MNIST, in which other data sets are published too. */
import { damagedFile } from "../_file_errors.ts";
import {
  CHANNELS,
  type DatasetDefinition,
  IMAGE_SIZE,
  type LabelledImages,
  type RemoteFile,
} from "../definition.ts";
import { readIdx } from "../idx.ts";
import { resizeBilinear } from "../resize.ts";

const ORIGINAL_SIZE = 28;
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
 * Reads a pair of files in MNIST's format; 28 x 28 grey images become 32 x 32 with three equal channels.
 *
 * @param imagesPath The IDX file of images, gzip-packed if its name ends in ".gz".
 * @param labelsPath The IDX file of labels.
 * @param maxImages Largest number of images, checked before anything is allocated.
 * @returns Images and labels.
 * @throws {Error} Naming the file, if one is unreadable, truncated, corrupt or of another shape, or
 * the two do not hold the same number of items.
 */
export async function readIdxPair(
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
    itemShape: [ORIGINAL_SIZE, ORIGINAL_SIZE],
    maxItems: maxImages,
  });
  if (shape[0] !== labels.length) {
    throw damagedFile(
      imagesPath,
      "byte 4 of what it unpacks to",
      `it holds ${shape[0]} images but ${labelsPath} ${labels.length} labels`,
    );
  }
  return { images: greyToRgb(resizeBilinear(values, ORIGINAL_SIZE, IMAGE_SIZE)), labels };
}

/** A file's name, its size and its published MD5 checksum. */
export type PublishedFile = readonly [name: string, bytes: number, md5: string];

/** As published, unpacked, and in torchvision's folder, which has both. */
function withTorchvisions(file: string): string[] {
  const unpacked = file.replace(/\.gz$/, "");
  const inRaw = (path: string) => path.replace(/^[^/]+\//, (folder) => `${folder}raw/`);
  return [file, unpacked, inRaw(file), inRaw(unpacked)];
}

/**
 * What the definition of a data set in MNIST's format has in common with MNIST's.
 *
 * @param folder torchvision's name of its folder in the data directory.
 * @param official Training images and labels, then test images and labels.
 * @param hosts Addresses that a file's name is put behind.
 */
export function idxDataset(
  folder: string,
  official: readonly PublishedFile[],
  hosts: readonly string[],
): Pick<DatasetDefinition, "counts" | "files" | "places" | "read" | "officialFiles"> {
  const officialFiles: RemoteFile[] = official.map(([name, bytes, md5]) => ({
    path: `${folder}/${name}`,
    urls: hosts.map((host) => `${host}${name}`),
    bytes,
    md5,
  }));
  const paths = officialFiles.map(({ path }) => path);
  return {
    counts: { train: 60000, test: 10000 },
    files: { train: paths.slice(0, 2), test: paths.slice(2) },
    places: withTorchvisions,
    read: ([images, labels], maxImages) => readIdxPair(images!, labels!, maxImages),
    officialFiles,
  };
}
