import { type Dataset, requireDataset } from "../../../data/dataset.ts";

/** Per-channel mean and standard deviation of pixels in [0, 1]. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * The normalisation that goes inside a model: of the images it is trained on, and no others.
 *
 * @param data N >= 1 images.
 * @returns Three means and population standard deviations, to six decimals, so that they read well in
 *   a checkpoint; a constant channel gets 1.
 */
export function normalisationOf(data: Dataset): Normalisation {
  const [, , channels] = requireDataset("data", data);
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  for (let i = 0; i < data.images.length; i += channels) {
    for (let c = 0; c < channels; c++) counts[c]![data.images[i + c]!]! += 1;
  }
  const pixels = data.images.length / channels;
  const moments = counts.map((count) => {
    const mean = count.reduce((sum, many, value) => sum + many * value, 0) / pixels / 255;
    const squares = count.reduce((sum, many, value) => sum + many * (value / 255 - mean) ** 2, 0);
    return { mean, std: Math.sqrt(squares / pixels) };
  });
  const rounded = (value: number) => Number(value.toFixed(6));
  return {
    mean: moments.map(({ mean }) => rounded(mean)),
    std: moments.map(({ std }) => rounded(std) || 1),
  };
}
