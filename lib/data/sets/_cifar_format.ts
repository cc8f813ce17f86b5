/** The binary format of CIFAR-10 and CIFAR-100. */
import { ByteSource } from "../_byte_source.ts";
import { damagedFile, fileSize, unreadableFile } from "../_file_errors.ts";
import { CHANNELS, IMAGE_BYTES, IMAGE_SIZE, type LabelledImages } from "../definition.ts";

const PLANE = IMAGE_SIZE * IMAGE_SIZE;

/** How records of a data set look: label bytes, then the red, green and blue planes, row-major. */
export interface CifarFormat {
  /** Bytes before the planes; the last of them is the label. */
  readonly labelBytes: number;
  readonly classes: number;
  /** An official file holds at most this many records. */
  readonly maxRecords: number;
}

/** Bytes of a record. */
export function recordBytes({ labelBytes }: Pick<CifarFormat, "labelBytes">): number {
  return labelBytes + IMAGE_BYTES;
}

/** Number of records in a file, by its size alone. */
async function countRecords(path: string, format: CifarFormat): Promise<number> {
  const size = await fileSize(path);
  if (size === undefined) throw unreadableFile(path, new Error("there is no such file"));
  const bytes = recordBytes(format);
  const records = size / bytes;
  if (!Number.isInteger(records) || records < 1 || records > format.maxRecords) {
    throw damagedFile(
      path,
      `byte ${size - size % bytes}`,
      `its ${size} bytes are not 1 to ${format.maxRecords} records of ${bytes} bytes`,
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
 * Reads files of records.
 *
 * @param paths The files, in the order of their records in the result.
 * @returns All records.
 * @throws {Error} Naming the file, if it is missing, unreadable, no whole number of records, longer
 * than an official file, or holds a label that is no class.
 */
export async function readCifar(
  paths: readonly string[],
  format: CifarFormat,
): Promise<LabelledImages> {
  const { labelBytes, classes } = format;
  const counts: number[] = [];
  for (const path of paths) counts.push(await countRecords(path, format));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const images = new Uint8Array(total * IMAGE_BYTES);
  const labels = new Uint8Array(total);
  const record = new Uint8Array(recordBytes(format));
  let position = 0;
  for (const [file, path] of paths.entries()) {
    await using source = new ByteSource(path, "plain");
    for (let k = 0; k < counts[file]!; k++, position++) {
      await source.readInto(record, `record ${k}`);
      const label = record[labelBytes - 1]!;
      if (label >= classes) {
        throw source.damaged(
          `record ${k} has label ${label}, above ${classes - 1}`,
          k * record.length + labelBytes - 1,
        );
      }
      labels[position] = label;
      interleave(record.subarray(labelBytes), images, position * IMAGE_BYTES);
    }
    await source.expectEnd();
  }
  return { images, labels };
}
