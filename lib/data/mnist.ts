import { damagedFile } from "./_file_errors.ts";
import type { LabelledImages } from "./labelled_images.ts";
import { CHANNELS, IMAGE_SIZE } from "./dataset.ts";
import { readIdx } from "./idx.ts";
import { resizeBilinear } from "./resize.ts";

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
