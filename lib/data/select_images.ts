import { requireInteger, requireList } from "../arguments/require.ts";
import { type Dataset, establishedDataset, imageSize, partOf, requireDataset } from "./dataset.ts";

/**
 * A dataset of chosen images, in the order of `indices`. A choice from a real dataset calls itself
 * "real-subset" unless it holds every image once: as many images with repeats are not the dataset.
 *
 * @param data Where to choose from; left unchanged.
 * @param indices At least one index in [0, data.length).
 * @returns Copies of the chosen images and labels.
 * @throws {RangeError} If there is no index or one is out of range.
 */
export function selectImages(data: Dataset, indices: ArrayLike<number>): Dataset {
  const imageShape = requireDataset("data", data);
  requireList("indices", indices);
  requireInteger("indices.length", indices.length, { min: 1 });
  const size = imageSize(imageShape);
  const images = new Uint8Array(indices.length * size);
  const labels = new Uint8Array(indices.length);
  for (let k = 0; k < indices.length; k++) {
    const index = indices[k]!;
    requireInteger(`indices[${k}]`, index, { min: 0, max: data.length - 1 });
    images.set(data.images.subarray(index * size, (index + 1) * size), k * size);
    labels[k] = data.labels[index]!;
  }
  const part = { imageShape, images, labels };
  const isWhole = indices.length === data.length &&
    new Set(Array.from(indices)).size === data.length;
  if (!isWhole) return partOf(data, part);
  const { name, split, classNames, source } = data;
  return establishedDataset({ name, split, classNames, source, ...part });
}
