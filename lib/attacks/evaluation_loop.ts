/** What sweeps share: batches of a dataset, with room for signals and displays in between. */
import { throwIfAborted } from "../terminal/interrupt.ts";
import type { tf } from "../backend/tf.ts";
import type { Dataset } from "../data/dataset.ts";
import type { OptionNames } from "../arguments/known_options.ts";
import { requireInteger } from "../arguments/require.ts";
import type { Classifier } from "../nn/classifier.ts";
import { predict } from "./answers.ts";
import { imagesAt, inBatches, usedImages } from "./_dataset_images.ts";

/** Options that every sweep has. */
export interface EvaluationOptions {
  /** Images a batch; results do not depend on it. Default 128. */
  readonly batchSize?: number | undefined;
  /** Use only this many images, from the start. Default all. */
  readonly limit?: number | undefined;
  /** Ends the sweep: its promise rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

/** The names of {@linkcode EvaluationOptions}. */
export const evaluationOptionNames = {
  batchSize: true,
  limit: true,
  signal: true,
} as const satisfies OptionNames<EvaluationOptions>;

/** A batch of a dataset; its tensors live until the visitor returns. */
export interface Batch {
  readonly x: tf.Tensor4D;
  readonly y: tf.Tensor1D;
  readonly labels: Int32Array;
  /** The images' places in the dataset. */
  readonly indices: readonly number[];
}

/** Images of a dataset and the model that is asked about them. */
export class EvaluationLoop {
  readonly n: number;
  readonly #batchSize: number;
  readonly #signal: AbortSignal | undefined;

  constructor(
    readonly model: Classifier,
    readonly data: Dataset,
    { batchSize = 128, limit, signal }: EvaluationOptions,
  ) {
    requireInteger("batchSize", batchSize, { min: 1 });
    this.n = usedImages(data, model, limit);
    this.#batchSize = batchSize;
    this.#signal = signal;
  }

  /** Visits chosen images batch by batch. */
  async visit(indices: readonly number[], visitor: (batch: Batch) => void): Promise<void> {
    for (const batch of inBatches(indices, this.#batchSize)) {
      throwIfAborted(this.#signal);
      const { x, y } = imagesAt(this.data, batch, this.model.inputShape);
      try {
        const labels = Int32Array.from(batch, (index) => this.data.labels[index]!);
        visitor({ x, y, labels, indices: batch });
      } finally {
        x.dispose();
        y.dispose();
      }
      // A macrotask: timers, signals and a notebook's messages get their turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    throwIfAborted(this.#signal);
  }

  /** The images that the model gets right unharmed; only these are attacked. */
  async cleanCorrect(): Promise<number[]> {
    const all = Array.from({ length: this.n }, (_, image) => image);
    const correct: number[] = [];
    await this.visit(all, ({ x, labels, indices }) => {
      const predicted = predict(this.model, x);
      correct.push(...indices.filter((_, row) => predicted[row] === labels[row]));
    });
    return correct;
  }

  /** One flag an image: 1 for the given ones. */
  flags(correct: Iterable<number>): Uint8Array {
    const flags = new Uint8Array(this.n);
    for (const image of correct) flags[image] = 1;
    return flags;
  }
}

/** The share of flags that are set. */
export function share(correct: Uint8Array): number {
  return correct.reduce((sum, flag) => sum + flag, 0) / correct.length;
}
