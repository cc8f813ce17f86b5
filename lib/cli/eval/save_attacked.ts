/** `deno task eval --save-examples`: PGD examples of the first test images, on disk. */
import { predict } from "../../attacks/answers.ts";
import { pgd } from "../../attacks/pgd.ts";
import { tf } from "../../backend/tf.ts";
import { batches } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import { saveExamples } from "../../data/examples.ts";
import { firstImages } from "../../data/first_images.ts";
import type { Classifier } from "../../nn/classifier.ts";

/** Settings of {@linkcode saveAttacked}. */
export interface SaveAttackedOptions {
  /** Names the attacked model. */
  readonly checkpoint: string;
  /** Attacks the first so many images, >= 1. */
  readonly images: number;
  readonly epsilon: number;
  readonly steps: number;
  readonly seed: number;
  readonly batchSize: number;
  /** Stops between two batches. */
  readonly signal: AbortSignal;
}

/**
 * Attacks the first images by PGD in linf and saves the examples with their originals.
 *
 * @returns How many were saved, and how many of them the model has right.
 * @throws {Error} Naming the path, if it cannot be written.
 */
export async function saveAttacked(
  path: string,
  model: Classifier,
  data: Dataset,
  { checkpoint, images, epsilon, steps, seed, batchSize, signal }: SaveAttackedOptions,
): Promise<{ n: number; right: number }> {
  const part = firstImages(data, images);
  const attacked: tf.Tensor4D[] = [];
  const predictions: number[] = [];
  try {
    for (const { x, y } of batches(part, { batchSize })) {
      signal.throwIfAborted();
      const start = predictions.length;
      const positions = Array.from({ length: x.shape[0] }, (_, k) => start + k);
      const examples = pgd(model, x, y, { epsilon, steps, seed, positions });
      attacked.push(examples);
      predictions.push(...predict(model, examples));
      tf.dispose([x, y]);
      await new Promise((resolve) => setTimeout(resolve)); // lets Ctrl-C through
    }
    const all = tf.concat(attacked) as tf.Tensor4D;
    attacked.push(all);
    await saveExamples(path, {
      images: all,
      labels: part.labels,
      predictions,
      ...{ epsilon, norm: "linf", attack: "pgd", checkpoint },
      originals: part.images.slice(),
    });
  } finally {
    tf.dispose(attacked);
  }
  const right = predictions.filter((answer, k) => answer === part.labels[k]).length;
  return { n: part.length, right };
}
