import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger } from "../arguments/require.ts";
import { tf } from "../backend/tf.ts";
import { type Dataset, requireDataset } from "../data/dataset.ts";
import type { Predictions } from "../metrics/predictions.ts";
import { predictionsFromProbabilities } from "../metrics/predictions_from_probabilities.ts";
import { requireClassifier } from "../nn/classifier.ts";
import { dropped } from "../nn/dropout.ts";
import { headOf } from "../nn/model_names.ts";
import type { Network } from "../nn/network_options.ts";
import { throwIfInterrupted } from "../terminal/interrupt.ts";
import { collectPredictions } from "./collect_predictions.ts";

/** Options of {@linkcode monteCarloDropout}. */
export interface MonteCarloDropoutOptions {
  /** Draws of dropout's mask, >= 1. Default 20. */
  readonly passes?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** Default 128. */
  readonly batchSize?: number | undefined;
  /** Only the first `limit` images. Default all. */
  readonly limit?: number | undefined;
  /** Stops between batches: the promise rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

const optionNames: OptionNames<MonteCarloDropoutOptions> = {
  passes: true,
  seed: true,
  batchSize: true,
  limit: true,
  signal: true,
};

/**
 * Monte-Carlo dropout (Gal and Ghahramani 2016): the mean of the probabilities over draws of dropout's
 * mask, an ensemble that one training gives. Batch norm stays in eval mode, so that images do not
 * influence one another; the network below the dropout layer runs once.
 *
 * @param model A network of the lab made with dropout > 0; left unchanged.
 * @param data N images.
 * @returns Probabilities [N, K], and as logits their logarithms. The same seed gives the same result,
 * whatever the batch size.
 * @throws {RangeError} If the model has no dropout, an option is out of range, or the data do not fit.
 * @throws {DOMException} AbortError once the signal is aborted.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "../data/load_dataset.ts";
 * import { resnet18 } from "../nn/resnet18.ts";
 * const data = await loadDataset("mnist", "test", { source: "procedural", limit: 4 });
 * const model = resnet18({ dropout: 0.5 });
 * const p = await monteCarloDropout(model, data, { passes: 5 });
 * assertEquals([p.length, p.classes], [4, 10]);
 * model.dispose();
 * ```
 */
export async function monteCarloDropout(
  model: Network,
  data: Dataset,
  options: MonteCarloDropoutOptions = {},
): Promise<Predictions> {
  requireKnownOptions("monteCarloDropout", options, optionNames);
  const { passes = 20, seed = 0, ...collecting } = options;
  requireInteger("passes", passes, { min: 1 });
  requireInteger("seed", seed);
  requireClassifier("model", model);
  requireDataset("data", data);
  const rate = model.options?.dropout ?? 0;
  if (rate === 0) {
    throw new RangeError(
      "Expected a model made with dropout > 0 but found 0: all passes would be the same",
    );
  }
  const { features, labels, length, classes } = await collectPredictions(model, data, {
    ...collecting,
    features: true,
  });
  const mean = tf.tidy(() => {
    const below = tf.tensor2d(features!, [length, features!.length / length]);
    const head = headOf(model.parameters);
    const weight = model.parameters.get(`${head}.weight`) as tf.Tensor2D;
    const bias = model.parameters.get(`${head}.bias`)!;
    let sum: tf.Tensor = tf.zeros([length, classes]);
    for (let pass = 0; pass < passes; pass++) {
      throwIfInterrupted();
      sum = tf.tidy(() => {
        const logits = tf.add(tf.matMul(dropped(below, rate, seed, pass), weight), bias);
        return tf.add(sum, tf.softmax(logits));
      });
    }
    return tf.div(sum, passes);
  });
  try {
    return predictionsFromProbabilities(mean.dataSync() as Float32Array, labels, classes);
  } finally {
    mean.dispose();
  }
}
