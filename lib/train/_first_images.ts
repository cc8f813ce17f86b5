import type { Dataset } from "../data/dataset.ts";

/** The first `count` images of a dataset as views; the dataset itself if it has no more. */
export function firstImages(data: Dataset, count: number): Dataset {
  if (count >= data.length) return data;
  const pixels = data.images.length / data.length;
  return {
    ...data,
    source: data.source === "real" ? "real-subset" : data.source,
    images: data.images.subarray(0, count * pixels),
    labels: data.labels.subarray(0, count),
    length: count,
    describe: () => `${data.describe()}, the first ${count}`,
  };
}
