/** Own images on which a checkpoint is evaluated: none that it was trained or chosen on. */
import {
  type Dataset,
  datasetDefinition,
  type DatasetName,
  establishedDataset,
} from "../../data/dataset.ts";
import {
  type ImageFolder,
  imageFolder,
  type ImageManifest,
  splitFolders,
} from "../../data/image_folder.ts";
import type { Part } from "../../data/image_splits.ts";
import { selectImages } from "../../data/select_images.ts";
import type { Classifier } from "../../nn/classifier.ts";
import { generator } from "../../random/generator.ts";
import { readImagesFile } from "../images_file.ts";

/** What is needed of an opened checkpoint. */
interface Evaluated {
  readonly model: Pick<Classifier, "inputShape" | "classes">;
  readonly trainedDataset: DatasetName | undefined;
  readonly folder: string;
}

/** Images and the files that they came from, in the same order. */
export interface OwnImages {
  readonly data: Dataset;
  readonly manifest: ImageManifest;
}

/** The classes in the order of the model's outputs, where that is known. */
function knownClasses(
  manifest: Awaited<ReturnType<typeof readImagesFile>>,
  trained: DatasetName | undefined,
): readonly string[] | undefined {
  return manifest?.classNames ?? (trained && datasetDefinition(trained).classNames);
}

/** All images of a folder, in the model's size and with its classes. */
async function loadFolder(
  directory: string,
  { model, trainedDataset }: Evaluated,
  manifest: Awaited<ReturnType<typeof readImagesFile>>,
  part: Part,
): Promise<ImageFolder> {
  const [height, width] = model.inputShape;
  const classNames = knownClasses(manifest, trainedDataset);
  const folders = await splitFolders(directory);
  const split = part === "validation" ? "train" : "test";
  const data = await imageFolder(directory, {
    size: [height, width],
    classNames,
    ...(folders === undefined ? {} : { split }),
  });
  if (data.classNames.length === model.classes) return data;
  throw new Error(
    `Cannot evaluate the checkpoint on ${directory}: it tells ${model.classes} classes apart, the ` +
      `folder has ${data.classNames.length} (${
        data.classNames.join(", ")
      }); train a new last layer ` +
      `with deno task train --images ${directory} --pretrained`,
  );
}

/**
 * Some images of a folder in a mixed order, the same for every checkpoint: the first ones, which
 * attacks and grids take, are of all classes.
 */
function chosenImages(
  data: ImageFolder,
  isChosen: (sha256: string) => boolean,
  limit = Infinity,
): OwnImages {
  const chosen = data.manifest.files.flatMap(({ sha256 }, k) => isChosen(sha256) ? [k] : []);
  const indices = generator(0).shuffle(chosen).slice(0, limit);
  const { name, images, labels, classNames, imageShape } = selectImages(data, indices);
  return {
    data: establishedDataset({ name, split: "test", images, labels, classNames, imageShape }),
    manifest: { ...data.manifest, files: indices.map((index) => data.manifest.files[index]!) },
  };
}

/**
 * Reads the folder's images without those that the checkpoint's run was trained or chosen on, which
 * are told by the hashes of their files; how many were left out is said.
 *
 * @param limit Only so many of them, drawn at random but the same for every checkpoint.
 * @throws {Error} If the folder cannot be read, its classes are not the model's, or no image is left.
 */
export async function unseenImages(
  directory: string,
  checkpoint: Evaluated,
  limit: number | undefined,
): Promise<OwnImages> {
  const manifest = await readImagesFile(checkpoint.folder);
  const data = await loadFolder(directory, checkpoint, manifest, "test");
  const seen = new Set(
    manifest?.files.filter(({ part }) => part !== "test").map(({ sha256 }) => sha256),
  );
  const used = data.manifest.files.filter(({ sha256 }) => seen.has(sha256)).length;
  if (used === data.length) {
    throw new Error(
      `The run was trained or chosen on every image in ${directory}: name a folder with others`,
    );
  }
  if (used > 0) {
    console.error(
      `${used} of ${data.length} images in ${directory} were used in training: evaluating the ` +
        `other ${data.length - used}.`,
    );
  }
  if (limit !== undefined && limit > data.length - used) {
    console.warn(
      `limit is ${limit}, but there are only ${data.length - used} images: all are used.`,
    );
  }
  return chosenImages(data, (sha256) => !seen.has(sha256), limit);
}

/**
 * Reads the images that the checkpoint's run chose its epoch on.
 *
 * @throws {Error} If the run does not say which they are, or some are not in the folder.
 */
export async function validationImages(
  directory: string,
  checkpoint: Evaluated,
): Promise<Dataset> {
  const manifest = await readImagesFile(checkpoint.folder);
  const wanted = new Set(
    manifest?.files.filter(({ part }) => part === "validation").map(({ sha256 }) => sha256),
  );
  if (wanted.size === 0) {
    throw new Error(
      "No images.json beside the checkpoint says which images the run held out: leave out " +
        "--temperature-scaling.",
    );
  }
  const data = await loadFolder(directory, checkpoint, manifest, "validation");
  const found = new Set(data.manifest.files.map(({ sha256 }) => sha256));
  const missing = [...wanted].filter((sha256) => !found.has(sha256)).length;
  if (missing > 0) {
    throw new Error(
      `${missing} of the ${wanted.size} images that the run held out are not in ${directory}: name ` +
        `the folder it was trained on, or leave out --temperature-scaling.`,
    );
  }
  return chosenImages(data, (sha256) => wanted.has(sha256)).data;
}
