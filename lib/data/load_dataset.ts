import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger, requireOneOf, requireText } from "../arguments/require.ts";
import {
  type Dataset,
  datasetDefinition,
  type DatasetName,
  datasetNames,
  type DatasetSource,
  establishedDataset,
  IMAGE_BYTES,
  partOf,
  type Split,
  splits,
  warnOfLimit,
} from "./dataset.ts";
import { arePublished, contentSource } from "./_content_source.ts";
import { defaultDataDirectory } from "./data_directory.ts";
import type { LabelledImages } from "./definition.ts";
import { type DatasetFiles, findDatasetFiles } from "./dataset_files.ts";
import { proceduralDataset } from "./procedural/procedural_dataset.ts";

/** Which data to take: the files, the stand-ins, or whichever is there. */
export type SourceChoice = "auto" | "real" | "procedural";

/** Options of {@linkcode loadDataset}. */
export interface LoadOptions {
  /**
   * Holds `MNIST/`, `SVHN/`, `cifar-10-batches-bin/`, `cifar-100-binary/`, `FashionMNIST/` and
   * `KMNIST/`, or those of them that are asked for, with the publishers' files. Default `$LAB_DATA`,
   * else `data/raw` of the checkout.
   */
  readonly directory?: string | undefined;
  /** Default "auto": the files where they are, else stand-ins with a warning. */
  readonly source?: SourceChoice | undefined;
  /**
   * Only the first `limit` images, >= 1, with a warning if there are fewer. Default all; 4,000 / 1,000
   * of a stand-in.
   */
  readonly limit?: number | undefined;
  /** Seed of the stand-ins. Default 0; files do not depend on it. */
  readonly seed?: number | undefined;
}

const optionNames: OptionNames<LoadOptions> = {
  directory: true,
  source: true,
  limit: true,
  seed: true,
};

function howToGet(name: DatasetName, directory: string): string {
  return `Fetch them: deno task download --dataset ${name} --data ${directory}`;
}

/** Whether "auto" means the files; some of them without the rest is an error. */
function filesAreThere(
  name: DatasetName,
  directory: string,
  { present, missing }: DatasetFiles,
): boolean {
  const found = [...present.train, ...present.test];
  const absent = [...missing.train, ...missing.test];
  if (found.length === 0) return false;
  if (absent.length === 0) return true;
  throw new Error(
    `Only some of the files of ${datasetDefinition(name).title} are there: ${absent.join(", ")} ` +
      `is missing beside ${found.join(", ")}. ${howToGet(name, directory)}`,
  );
}

/** What the content is: by its digest, or by the MD5 sums of the files where no digest is known. */
async function sourceOf(
  name: DatasetName,
  split: Split,
  paths: readonly string[],
  content: LabelledImages,
): Promise<DatasetSource> {
  const { contents, officialFiles } = datasetDefinition(name);
  const known = contents?.[split] ?? [];
  const source = contentSource(known, content);
  if (source !== "unverified" || known.some((one) => one.source === "real")) return source;
  return await arePublished(paths, officialFiles) ? "real" : source;
}

async function loadReal(
  name: DatasetName,
  split: Split,
  directory: string,
  { present, missing }: DatasetFiles,
  limit: number | undefined,
): Promise<Dataset> {
  if (missing[split].length > 0) {
    throw new Error(
      `The ${split} files of ${datasetDefinition(name).title} are missing: ` +
        `${missing[split].join(", ")}. ${howToGet(name, directory)}`,
    );
  }
  const { counts, read } = datasetDefinition(name);
  const { images, labels } = await read(present[split], counts[split]);
  warnOfLimit(limit, labels);
  const source = await sourceOf(name, split, present[split], { images, labels });
  const whole = establishedDataset({ name, split, source, images, labels });
  if (limit === undefined || limit >= labels.length) return whole;
  return partOf(whole, {
    imageShape: whole.imageShape,
    // Copies, so that the other images' memory is freed.
    images: images.slice(0, limit * IMAGE_BYTES),
    labels: labels.slice(0, limit),
  });
}

/**
 * Loads one split of a dataset as 32 x 32 colour images.
 *
 * The 28 x 28 images of MNIST, Fashion-MNIST and KMNIST are resized bilinearly and their grey is
 * repeated; SVHN's label 10 is the digit 0; CIFAR-100's labels are the fine ones. The order is that of the files. torchvision's folders are read too. `source` of the result
 * says what was loaded, by its content: "real" for all images of the official split, "real-subset" for
 * the first `limit` of them and for the image sets of the published runs, "unverified" for anything
 * else in the files' places, "procedural" for generated stand-ins.
 *
 * @param name "mnist", "svhn", "cifar10", "cifar100", "fashionmnist" or "kmnist".
 * @param split "train" or "test".
 * @param options See {@linkcode LoadOptions}. Source "auto" takes the files if all of the dataset's
 * are there and the stand-ins if none is, with a warning; only some of them is an error. "real"
 * never takes stand-ins.
 * @returns The dataset; memory: 3,072 bytes an image, while loading up to three times as much.
 * @throws {RangeError} If an argument is out of range.
 * @throws {Error} Naming the file, if one is missing, unreadable, truncated or corrupt; naming the
 * directory, if it was named but is no folder.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const data = await loadDataset("svhn", "test", { source: "procedural", limit: 20 });
 * assertEquals(data.describe(), "SVHN test, 20 images, procedural stand-in");
 * ```
 */
export async function loadDataset(
  name: DatasetName,
  split: Split,
  options: LoadOptions = {},
): Promise<Dataset> {
  requireKnownOptions("loadDataset", options, optionNames);
  const { directory = defaultDataDirectory(), source = "auto", limit, seed = 0 } = options;
  requireOneOf("name", name, datasetNames);
  requireOneOf("split", split, splits);
  requireOneOf("source", source, ["auto", "real", "procedural"]);
  if (limit !== undefined) requireInteger("limit", limit, { min: 1 });
  requireInteger("seed", seed);
  requireText("directory", directory);
  const generate = () => proceduralDataset(name, split, { limit, seed });
  if (source === "procedural") return generate();
  const files = await findDatasetFiles(name, directory);
  if (source === "auto" && !filesAreThere(name, directory, files)) {
    console.warn(
      `No files of ${datasetDefinition(name).title} in ${directory} (looked for ` +
        `${files.lookedFor.join(", ")}): taking procedural stand-ins. ` +
        `For the real images: deno task download --dataset ${name}`,
    );
    return generate();
  }
  return await loadReal(name, split, directory, files, limit);
}
