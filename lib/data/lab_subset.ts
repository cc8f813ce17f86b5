/**
 * The image sets of the published runs, built again from the official files: an SVHN split by rule and a
 * CIFAR-10 subset by a list of image hashes.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { ByteSource } from "./_byte_source.ts";
import { datasetDefinition, type DatasetName, splits } from "./dataset.ts";
import { readImageList } from "./_image_list.ts";
import {
  CHANNELS,
  IMAGE_BYTES,
  IMAGE_SIZE,
  type LabelledImages,
  type Split,
} from "./definition.ts";
import { LAB_SPLIT_DIGESTS } from "./sets/svhn.ts";
import { loadDataset } from "./load_dataset.ts";
import { encodeMat5 } from "./_write_mat5.ts";
import { sha256 } from "../format/sha256.ts";

/** SHA-256 of what the build must give: SVHN's images and labels in order, CIFAR-10's files. */
export const LAB_SUBSET_DIGESTS = {
  svhn: LAB_SPLIT_DIGESTS,
  cifar10: {
    train: "2e392fc0a0f7872070e09f05ddba68ef0051a3d52d387b2ffcd33ebb312af91e",
    test: "8314c96d7cd65618193bab23acdd5d4c4af15bf6dd00a1781d55beedf3be1ef5",
  },
} as const;

/** SHA-256 of data/manifests/cifar10_subset.csv. */
const IMAGE_LIST_DIGEST = "5562711cac064a6ed713e7a372d47722bafee74baf83271b14e2c3024a83b1e2";

/**
 * The SVHN split: training = the first 1,083 official training crops, then official test crops 0 to
 * 7,499; test = official test crops 8,000 to 9,999. Test crops 7,500 to 7,999 are left out, so that no
 * photo is on both sides.
 */
const SVHN_RULE: Readonly<
  Record<Split, readonly (readonly [from: Split, start: number, end: number])[]>
> = {
  train: [["train", 0, 1083], ["test", 0, 7500]],
  test: [["test", 8000, 10000]],
};

const RECORD_BYTES = 1 + IMAGE_BYTES;
/** Hexadecimal digits of the truncated image hashes in the list. */
const PREFIX_DIGITS = 16;

/** A built file and whether its content is that of the published runs. */
export interface BuiltFile {
  readonly path: string;
  readonly images: number;
}

function requireDigest(path: string, found: string, expected: string): void {
  if (found === expected) return;
  throw new Error(
    `${path} would not hold the images of the published runs (SHA-256 ${found} instead of ${expected})`,
  );
}

/** Row-major [row, column, channel] to SVHN's column-major [row, column, channel, image]. */
function toColumnMajor(images: Uint8Array): Uint8Array {
  const out = new Uint8Array(images.length);
  let position = 0;
  for (let start = 0; start < images.length; start += IMAGE_BYTES) {
    for (let c = 0; c < CHANNELS; c++) {
      for (let column = 0; column < IMAGE_SIZE; column++) {
        for (let row = 0; row < IMAGE_SIZE; row++) {
          out[position++] = images[start + CHANNELS * (row * IMAGE_SIZE + column) + c]!;
        }
      }
    }
  }
  return out;
}

/** Cuts one split together by the rule. */
export function selectSvhnSubset(
  official: Readonly<Record<Split, LabelledImages>>,
  split: Split,
): LabelledImages {
  const parts = SVHN_RULE[split].map(([from, start, end]) => ({
    images: official[from].images.subarray(start * IMAGE_BYTES, end * IMAGE_BYTES),
    labels: official[from].labels.subarray(start, end),
  }));
  const images = new Uint8Array(parts.reduce((sum, part) => sum + part.images.length, 0));
  const labels = new Uint8Array(images.length / IMAGE_BYTES);
  let count = 0;
  for (const part of parts) {
    images.set(part.images, count * IMAGE_BYTES);
    labels.set(part.labels, count);
    count += part.labels.length;
  }
  return { images, labels };
}

/**
 * Builds the SVHN split of the published runs from the official files.
 *
 * @param from Data directory with the official SVHN files.
 * @param to Data directory for the split; files there are replaced.
 * @returns The files written.
 * @throws {Error} If the official files are missing or incomplete, or the result would differ.
 */
export async function buildSvhnSubset(from: string, to: string): Promise<BuiltFile[]> {
  const official = {
    train: await loadDataset("svhn", "train", { directory: from, source: "real" }),
    test: await loadDataset("svhn", "test", { directory: from, source: "real" }),
  };
  for (const split of splits) {
    if (official[split].source !== "real") {
      throw new Error(`${from} does not hold the official SVHN: ${official[split].describe()}`);
    }
  }
  const built: BuiltFile[] = [];
  for (const split of splits) {
    const { images, labels } = selectSvhnSubset(official, split);
    const path = `${to}/${datasetDefinition("svhn").files[split][0]}`;
    requireDigest(path, sha256(images, labels), LAB_SUBSET_DIGESTS.svhn[split]);
    const count = labels.length;
    await requireOutputFolder(dirname(path), { within: to });
    await writeAtomically(
      path,
      encodeMat5([
        { name: "X", dimensions: [32, 32, 3, count], values: toColumnMajor(images) },
        { name: "y", dimensions: [count, 1], values: labels.map((label) => label || 10) },
      ]),
    );
    built.push({ path, images: count });
  }
  return built;
}

/** Collects the records that are wanted from official batch files. */
async function collectRecords(
  paths: readonly string[],
  wanted: ReadonlySet<string>,
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const path of paths) {
    await using source = new ByteSource(path, "plain");
    while (!(await source.atEnd())) {
      const record = await source.read(RECORD_BYTES, "a record");
      const key = `${sha256(record.subarray(1)).slice(0, PREFIX_DIGITS)} ${record[0]}`;
      if (wanted.has(key)) found.set(key, record);
    }
  }
  return found;
}

/**
 * Builds the CIFAR-10 subset of the published runs from the official files: 6,016 training and 1,000 test
 * images, found by their hashes in data/manifests/cifar10_subset.csv.
 *
 * @param from Data directory with the official CIFAR-10 files.
 * @param to Another data directory, for the subset; files there are replaced.
 * @returns The files written.
 * @throws {Error} If images of the list are not found, or the result would differ.
 */
export async function buildCifar10Subset(from: string, to: string): Promise<BuiltFile[]> {
  const manifest = new URL("../../data/manifests/cifar10_subset.csv", import.meta.url);
  const wanted = await readImageList(fileURLToPath(manifest), IMAGE_LIST_DIGEST);
  const { files } = datasetDefinition("cifar10");
  const built: BuiltFile[] = [];
  for (const split of splits) {
    const paths = files[split].map((file) => `${from}/${file}`);
    const found = await collectRecords(paths, new Set(wanted[split]));
    const records = wanted[split].map((key) => found.get(key));
    const lacking = records.filter((record) => record === undefined).length;
    if (lacking > 0) {
      throw new Error(
        `${lacking} of ${records.length} ${split} images of the subset are not in ${
          paths.join(", ")
        }`,
      );
    }
    const content = new Uint8Array(records.length * RECORD_BYTES);
    records.forEach((record, k) => content.set(record!, k * RECORD_BYTES));
    const path = `${to}/${files[split][0]}`;
    requireDigest(path, sha256(content), LAB_SUBSET_DIGESTS.cifar10[split]);
    await requireOutputFolder(dirname(path), { within: to });
    await writeAtomically(path, content);
    built.push({ path, images: records.length });
  }
  return built;
}

/** Builders of the datasets of which the published runs use a part, by name. */
export const subsetBuilders: Partial<
  Record<DatasetName, (from: string, to: string) => Promise<BuiltFile[]>>
> = { svhn: buildSvhnSubset, cifar10: buildCifar10Subset };
