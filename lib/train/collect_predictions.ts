import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { interruptible, throwIfAborted } from "../terminal/interrupt.ts";
import { tf } from "../backend/tf.ts";
import { requireInteger } from "../arguments/require.ts";
import { batches } from "../data/batches.ts";
import { type Dataset, warnOfLimit } from "../data/dataset.ts";
import { type Predictions, predictionsFromLogits } from "../metrics/predictions.ts";
import type { Classifier } from "../nn/classifier.ts";
import { forward } from "../nn/forward.ts";
import { requireFitting } from "../nn/require_fitting.ts";
import { createPause } from "./_event_loop.ts";
import { firstImages } from "../data/first_images.ts";

/** Options of {@linkcode collectPredictions}. */
export interface CollectOptions {
  /** Default 128. */
  readonly batchSize?: number | undefined;
  /** Only the first `limit` images. Default all. */
  readonly limit?: number | undefined;
  /** `true`: keep the N x D features too. Default `false`. */
  readonly features?: boolean | undefined;
  /**
   * What the model sees instead of a batch, e.g. an attack's examples: a new tensor of x's shape.
   * `positions` are the images' places in `data`. Default the images themselves.
   */
  readonly perturb?:
    | ((x: tf.Tensor4D, y: tf.Tensor1D, positions: readonly number[]) => tf.Tensor4D)
    | undefined;
  /** Stops between batches: the promise rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

const optionNames: OptionNames<CollectOptions> = {
  batchSize: true,
  limit: true,
  features: true,
  perturb: true,
  signal: true,
};

/** Requires what the model returned to be numbers that a metric can read. */
function requireFinite(part: string, values: Float32Array): void {
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong === undefined) return;
  throw new RangeError(
    `Expected model.forward to return finite ${part} but found ${wrong}; check its weights, e.g. ` +
      "whether training diverged",
  );
}

/** Runs one batch in eval mode and reads its results into plain arrays. */
function predictBatch(model: Classifier, x: tf.Tensor4D, wantFeatures: boolean) {
  const kept = tf.tidy(() => {
    const { logits, features } = forward(model, x);
    return wantFeatures ? [logits, features] : [logits];
  });
  // Read outside the tidy: it would walk a returned typed array element by element.
  const [logits, features] = kept.map((tensor) => tensor.dataSync() as Float32Array);
  tf.dispose(kept);
  requireFinite("logits", logits!);
  if (features) requireFinite("features", features);
  return { logits: logits!, features };
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * Runs a model over a dataset once, so that every metric can read the same outputs.
 *
 * @param model Left unchanged; called in eval mode.
 * @param data N images, read in order.
 * @param options See {@linkcode CollectOptions}.
 * @returns Logits and probabilities [N, K], labels [N] and, on request, features [N, D].
 * @throws {RangeError} If batchSize or limit is no positive integer, the data do not fit the model, or
 * a logit, or a feature that is asked for, is NaN or infinite.
 * @throws {DOMException} AbortError once the signal is aborted.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "../data/load_dataset.ts";
 * import { resnet18 } from "../nn/resnet18.ts";
 * const data = await loadDataset("mnist", "test", { source: "procedural", limit: 8 });
 * const model = resnet18();
 * const { length, logits, features } = await collectPredictions(model, data, { features: true });
 * assertEquals([length, logits.length, features?.length], [8, 8 * 10, 8 * 512]);
 * model.dispose();
 * ```
 */
export async function collectPredictions(
  model: Classifier,
  data: Dataset,
  options: CollectOptions = {},
): Promise<Predictions> {
  requireFitting("data", data, model);
  requireKnownOptions("collectPredictions", options, optionNames);
  const { batchSize = 128, limit = data.length, features = false, perturb } = options;
  requireInteger("batchSize", batchSize, { min: 1 });
  requireInteger("limit", limit, { min: 1 });
  warnOfLimit(options.limit, data.labels);
  const chosen = firstImages(data, limit);
  return await interruptible(
    (signal) => collect(model, chosen, { batchSize, features, perturb, signal }),
    options.signal,
  );
}

async function collect(
  model: Classifier,
  chosen: Dataset,
  { batchSize, features, perturb, signal }: Pick<CollectOptions, "perturb" | "signal"> & {
    readonly batchSize: number;
    readonly features: boolean;
  },
): Promise<Predictions> {
  const pause = createPause();
  const logitParts: Float32Array[] = [];
  const featureParts: Float32Array[] = [];
  let position = 0;
  for (const { x, y } of batches(chosen, { batchSize })) {
    const positions = Array.from({ length: x.shape[0] }, (_, i) => position + i);
    position += positions.length;
    let seen = x;
    try {
      throwIfAborted(signal);
      if (perturb) seen = perturb(x, y, positions);
      const batch = predictBatch(model, seen, features);
      logitParts.push(batch.logits);
      if (batch.features) featureParts.push(batch.features);
    } finally {
      tf.dispose([x, y, seen]);
    }
    await pause();
  }
  const labels = chosen.labels.slice();
  const predictions = predictionsFromLogits(concatenate(logitParts), labels, model.classes);
  return features ? { ...predictions, features: concatenate(featureParts) } : predictions;
}
