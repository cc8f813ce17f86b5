import { createDataset, type Dataset, IMAGE_BYTES } from "./dataset.ts";

/** The first `count` images of a dataset as views; the dataset itself if it has no more. */
export function firstImages(data: Dataset, count: number): Dataset {
  if (count >= data.length) return data;
  return createDataset({
    ...data,
    images: data.images.subarray(0, count * IMAGE_BYTES),
    labels: data.labels.subarray(0, count),
  });
}
