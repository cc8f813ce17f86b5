import { tf } from "../../../backend/tf.ts";
import { randomNoise } from "../../../attacks/noise.ts";
import { pgd } from "../../../attacks/pgd.ts";
import { batches } from "../../../data/batches.ts";
import { type Dataset, type ImageShape, requireDataset } from "../../../data/dataset.ts";
import type { Classifier } from "../../../nn/classifier.ts";
import { forward } from "../../../nn/forward.ts";
import { firstImages } from "../../../data/first_images.ts";
import type { EvaluationOptions } from "../../specs/run_spec.ts";

/** One row of the example grid. */
export interface ExampleRow {
  /** What was done to the images, e.g. "clean", "PGD-20" or "noise". */
  readonly name: string;
  /** n x height x width x channels pixels in [0, 1]. */
  readonly pixels: Float32Array;
  /** n predicted classes. */
  readonly predicted: Int32Array;
  /** n probabilities of the predicted classes. */
  readonly confidences: Float32Array;
}

/** Images of the example grid, the same ones in each row. */
export interface Examples {
  /** Images in each row. */
  readonly n: number;
  /** Shape of an image. */
  readonly imageShape: ImageShape;
  /** L-infinity budget of PGD and of the noise, in pixel units. */
  readonly epsilon: number;
  /** n true classes. */
  readonly labels: Uint8Array;
  /** The images clean, under PGD and under noise, in this order. */
  readonly rows: readonly ExampleRow[];
}

function rowOf(model: Classifier, name: string, x: tf.Tensor4D): ExampleRow {
  const outputs = tf.tidy(() => {
    const probabilities = tf.softmax(forward(model, x).logits);
    return [tf.argMax(probabilities, 1), tf.max(probabilities, 1)];
  });
  const row = {
    name,
    pixels: x.dataSync() as Float32Array,
    predicted: outputs[0]!.dataSync() as Int32Array,
    confidences: outputs[1]!.dataSync() as Float32Array,
  };
  tf.dispose(outputs);
  return row;
}

/**
 * The first images clean, under PGD and under noise of the same budget, with what the model makes of
 * them. They are not chosen: a grid of chosen images shows what its author looked for.
 *
 * @param data The first `options.gridImages` images are shown.
 */
export function exampleImages(
  model: Classifier,
  data: Dataset,
  { options, seed }: { readonly options: EvaluationOptions; readonly seed: number },
): Examples {
  const { gridImages, epsilon, attackSteps: steps } = options;
  const chosen = firstImages(data, gridImages);
  const [batch] = batches(chosen, { batchSize: chosen.length });
  const { x, y } = batch!;
  const adversarial = pgd(model, x, y, { epsilon, steps, seed });
  const noisy = randomNoise(x, { epsilon, seed });
  const rows = [
    rowOf(model, "clean", x),
    rowOf(model, `PGD-${steps}`, adversarial),
    rowOf(model, "noise", noisy),
  ];
  tf.dispose([x, y, adversarial, noisy]);
  const imageShape = requireDataset("data", data);
  return { n: chosen.length, imageShape, epsilon, labels: chosen.labels.slice(), rows };
}
