import { shapeText } from "../format/shape_text.ts";
import { type Dataset, establishedDataset, requireDataset } from "./dataset.ts";

/**
 * One dataset after another, e.g. street and handwritten digits to train on both.
 *
 * @param first Gives name, split and class names.
 * @param second Of the same image shape and number of classes; its labels are kept.
 * @returns Copies of all images and labels, under both names. The source is that of both where they
 * agree, else "custom".
 * @throws {RangeError} If shapes or numbers of classes differ.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "./load_dataset.ts";
 * const part = { source: "procedural", limit: 5 } as const;
 * const [street, written] = [
 *   await loadDataset("svhn", "train", part),
 *   await loadDataset("mnist", "train", part),
 * ];
 * assertEquals([joinDatasets(street, written).name, joinDatasets(street, written).length], ["svhn+mnist", 10]);
 * ```
 */
export function joinDatasets(first: Dataset, second: Dataset): Dataset {
  const imageShape = requireDataset("first", first);
  const other = requireDataset("second", second);
  if (shapeText(imageShape) !== shapeText(other)) {
    throw new RangeError(
      `Expected images of one shape but found ${shapeText(imageShape)} and ${shapeText(other)}`,
    );
  }
  if (first.classNames.length !== second.classNames.length) {
    throw new RangeError(
      `Expected as many classes in both but found ${first.classNames.length} and ` +
        `${second.classNames.length}`,
    );
  }
  const images = new Uint8Array(first.images.length + second.images.length);
  images.set(first.images);
  images.set(second.images, first.images.length);
  const labels = new Uint8Array(first.length + second.length);
  labels.set(first.labels);
  labels.set(second.labels, first.length);
  return establishedDataset({
    name: `${first.name}+${second.name}`,
    split: first.split,
    classNames: first.classNames,
    source: first.source === second.source ? first.source : "custom",
    images,
    labels,
    imageShape,
  });
}
