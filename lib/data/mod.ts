/** Datasets, batches and augmentation. */
export {
  createDataset,
  type Dataset,
  type DatasetName,
  type DatasetParts,
  type DatasetSource,
  type ImageShape,
  type Split,
} from "./dataset.ts";
export { loadDataset, type LoadOptions, type SourceChoice } from "./load_dataset.ts";
export { joinDatasets } from "./join_datasets.ts";
export {
  type ImageFolder,
  imageFolder,
  type ImageFolderOptions,
  type ImageManifest,
  type ImageRecord,
} from "./image_folder.ts";
export type { ImageFormat } from "./_decode_image.ts";
export {
  type ExampleNorm,
  type ExampleParts,
  loadExamples,
  type SavedExamples,
  saveExamples,
} from "./examples.ts";
export { splitDataset } from "./split_dataset.ts";
export { selectImages } from "./select_images.ts";
export { corrupt, type CorruptionName, corruptionNames, type CorruptOptions } from "./corrupt.ts";
export type { Severity } from "./corruptions/corruption.ts";
export { type Batch, batches, type BatchOptions } from "./batches.ts";
export { prefetchBatches, type PrefetchOptions } from "./prefetch_batches.ts";
export { type AugmentName, augmentNames } from "./augment.ts";
export { classBalancedBatches, type ClassBalancedOptions } from "./class_balanced_batches.ts";
