import { tf } from "../backend/tf.ts";
import { batches } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import { crossEntropy } from "../losses/cross_entropy.ts";
import type { Classifier } from "../nn/classifier.ts";
import { forward } from "../nn/forward.ts";
import { throwIfAborted } from "../terminal/interrupt.ts";
import { createPause } from "./_event_loop.ts";

/** Options of {@linkcode lossAndAccuracy}. */
export interface LossAndAccuracyOptions {
  /** Default 128; does not change the values beyond rounding. */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Mean cross entropy and share of right answers. */
export interface LossAndAccuracy {
  readonly loss: number;
  readonly accuracy: number;
}

function evaluateBatch(model: Classifier, x: tf.Tensor4D, y: tf.Tensor1D): [number, number] {
  const sums = tf.tidy(() => {
    const { logits } = forward(model, x);
    const loss = crossEntropy(logits, y, { reduction: "sum" });
    const correct = tf.sum(tf.equal(tf.argMax(logits, 1), y));
    return tf.stack([loss.asScalar(), tf.cast(correct, "float32").asScalar()]);
  });
  const [loss, correct] = sums.dataSync();
  sums.dispose();
  return [loss!, correct!];
}

/**
 * Mean cross entropy (without smoothing) and accuracy of a model in eval mode.
 *
 * @param model Left unchanged.
 * @param data N >= 1 labelled images.
 * @returns `loss` in nats, `accuracy` in [0, 1].
 * @throws {DOMException} AbortError once the signal is aborted.
 * @example
 * ```ts
 * import { assert } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "../data/load_dataset.ts";
 * import { resnet18 } from "../nn/resnet18.ts";
 * const data = await loadDataset("mnist", "test", { source: "procedural", limit: 8 });
 * const model = resnet18();
 * const { loss, accuracy } = await lossAndAccuracy(model, data);
 * assert(loss > 0 && accuracy >= 0 && accuracy <= 1);
 * model.dispose();
 * ```
 */
export async function lossAndAccuracy(
  model: Classifier,
  data: Dataset,
  { batchSize = 128, signal }: LossAndAccuracyOptions = {},
): Promise<LossAndAccuracy> {
  const pause = createPause();
  let loss = 0;
  let correct = 0;
  for (const { x, y } of batches(data, { batchSize })) {
    try {
      throwIfAborted(signal);
      const [batchLoss, batchCorrect] = evaluateBatch(model, x, y);
      loss += batchLoss;
      correct += batchCorrect;
    } finally {
      tf.dispose([x, y]);
    }
    await pause();
  }
  return { loss: loss / data.length, accuracy: correct / data.length };
}
