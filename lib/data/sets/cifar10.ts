import { ByteSource } from "../_byte_source.ts";
import { damagedFile, fileSize, unreadableFile } from "../_file_errors.ts";
import { cropAndFlipObject } from "../_augment_policies.ts";
import {
  CHANNELS,
  type DatasetDefinition,
  IMAGE_BYTES,
  IMAGE_SIZE,
  type LabelledImages,
} from "../definition.ts";
import { cifarLike, cifarLikeClasses } from "../procedural/cifar_like.ts";

/** One label byte, then the red, green and blue planes, row-major. */
const RECORD_BYTES = 1 + IMAGE_BYTES;
const PLANE = IMAGE_SIZE * IMAGE_SIZE;
/** An official batch holds this many records. */
const MAX_RECORDS = 10000;
const CLASSES = 10;

/** Number of records in a file, by its size alone. */
async function countRecords(path: string): Promise<number> {
  const size = await fileSize(path);
  if (size === undefined) throw unreadableFile(path, new Error("there is no such file"));
  const records = size / RECORD_BYTES;
  if (!Number.isInteger(records) || records < 1 || records > MAX_RECORDS) {
    throw damagedFile(
      path,
      `byte ${size - size % RECORD_BYTES}`,
      `its ${size} bytes are not 1 to ${MAX_RECORDS} records of ${RECORD_BYTES} bytes`,
    );
  }
  return records;
}

/** Planes to pixels: [channel, row, column] -> [row, column, channel]. */
function interleave(planes: Uint8Array, images: Uint8Array, offset: number): void {
  for (let c = 0; c < CHANNELS; c++) {
    for (let k = 0; k < PLANE; k++) images[offset + CHANNELS * k + c] = planes[c * PLANE + k]!;
  }
}

/**
 * Reads files of CIFAR-10's binary version: records of 3,073 bytes, one label and three planes.
 *
 * @param paths The files, in the order of their records in the result.
 * @returns All records.
 * @throws {Error} Naming the file, if it is missing, unreadable, no whole number of records, longer
 * than an official batch, or holds a label above 9.
 */
export async function readCifar10(paths: readonly string[]): Promise<LabelledImages> {
  const counts: number[] = [];
  for (const path of paths) counts.push(await countRecords(path));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const images = new Uint8Array(total * IMAGE_BYTES);
  const labels = new Uint8Array(total);
  const record = new Uint8Array(RECORD_BYTES);
  let position = 0;
  for (const [file, path] of paths.entries()) {
    await using source = new ByteSource(path, "plain");
    for (let k = 0; k < counts[file]!; k++, position++) {
      await source.readInto(record, `record ${k}`);
      if (record[0]! >= CLASSES) {
        throw source.damaged(
          `record ${k} has label ${record[0]}, above ${CLASSES - 1}`,
          k * RECORD_BYTES,
        );
      }
      labels[position] = record[0]!;
      interleave(record.subarray(1), images, position * IMAGE_BYTES);
    }
    await source.expectEnd();
  }
  return { images, labels };
}

const FOLDER = "cifar-10-batches-bin";
const train = [1, 2, 3, 4, 5].map((k) => `${FOLDER}/data_batch_${k}.bin`);
const TEST_FILES = [`${FOLDER}/test_batch.bin`];

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
      [...train, ...TEST_FILES].map((name) => [name, MAX_RECORDS * RECORD_BYTES]),
    ),
  }],
  standIn: { stream: 2, paint: cifarLike, classNames: cifarLikeClasses },
  augment: cropAndFlipObject,
  normalisation: { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
  epochs: 15,
};
