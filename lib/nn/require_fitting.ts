import { requireInteger } from "../arguments/require.ts";
import { type Dataset, requireDataset } from "../data/dataset.ts";
import { shapeText } from "../format/shape_text.ts";
import { type Classifier, requireClassifier } from "./classifier.ts";

/**
 * Requires a dataset that a model can be shown: images of its input shape, labels that it has logits
 * for.
 *
 * @param name The dataset's argument, for the error.
 * @throws {TypeError} If data is no dataset or model no classifier.
 * @throws {RangeError} If the dataset is empty, its images have another size, or a label has no logit.
 * @example
 * ```ts
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "../data/load_dataset.ts";
 * import { resnet18 } from "./resnet18.ts";
 * const data = await loadDataset("mnist", "train", { source: "procedural", limit: 100 });
 * const model = resnet18({ classes: 2 });
 * assertThrows(() => requireFitting("train", data, model), RangeError, "2 classes");
 * model.dispose();
 * ```
 */
export function requireFitting(name: string, data: Dataset, model: Classifier): void {
  requireClassifier("model", model);
  const imageShape = requireDataset(name, data);
  requireInteger(`${name}.length`, data.length, { min: 1 });
  if (shapeText(imageShape) !== shapeText(model.inputShape)) {
    throw new RangeError(
      `Expected ${name}.imageShape to be the model's inputShape, ${shapeText(model.inputShape)}, ` +
        `but found ${shapeText(imageShape)}; make the model for these images, e.g. resnet18({ ` +
        `imageSize: [${imageShape[0]}, ${imageShape[1]}], channels: ${imageShape[2]} })`,
    );
  }
  const highest = data.labels.reduce((high, label) => Math.max(high, label), 0);
  if (highest >= model.classes) {
    throw new RangeError(
      `Expected ${name}.labels[${data.labels.indexOf(highest)}] to be below the model's ` +
        `${model.classes} classes but found ${highest}`,
    );
  }
}
