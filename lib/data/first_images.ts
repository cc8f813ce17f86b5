import { type Dataset, imageSize, partOf, requireDataset } from "./dataset.ts";

/** The first `count` images of a dataset as views; the dataset itself if it has no more. */
export function firstImages(data: Dataset, count: number): Dataset {
  if (count >= data.length) return data;
  const imageShape = requireDataset("data", data);
  return partOf(data, {
    imageShape,
    images: data.images.subarray(0, count * imageSize(imageShape)),
    labels: data.labels.slice(0, count),
  });
}
