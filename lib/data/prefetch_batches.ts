import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireInteger } from "../arguments/require.ts";
import type { BatchNumbers } from "./_assemble_batch.ts";
import type { BatchWorkerStart } from "./_batch_worker.ts";
import { augmentationOf } from "./augment.ts";
import {
  type Batch,
  batchIndices,
  batchOptionNames,
  type BatchOptions,
  toTensors,
} from "./batches.ts";
import type { Dataset } from "./dataset.ts";

/** Options of {@linkcode prefetchBatches}. */
export interface PrefetchOptions extends BatchOptions {
  /** How many batches to prepare ahead, >= 1. Default 2. */
  readonly ahead?: number | undefined;
}

const optionNames: OptionNames<PrefetchOptions> = { ...batchOptionNames, ahead: true };

/** A copy in memory that a worker can read without another copy. */
function share(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

/** Answers of a worker, in order of the questions. */
function createAnswers(worker: Worker) {
  const waiting: PromiseWithResolvers<BatchNumbers>[] = [];
  worker.onmessage = ({ data }: MessageEvent<BatchNumbers>) => waiting.shift()?.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    const error = new Error(`The worker that prepares batches failed: ${event.message}`);
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  return (indices: Uint32Array): Promise<BatchNumbers> => {
    const answer = Promise.withResolvers<BatchNumbers>();
    // An answer may fail before it is awaited; it is reported where it is.
    answer.promise.catch(() => {});
    waiting.push(answer);
    worker.postMessage(indices);
    return answer.promise;
  };
}

/**
 * As {@linkcode batches}, the same batches bit for bit, but prepared ahead in a worker thread while the
 * caller computes. Worth it where augmentation is heavy ("rotations", for which `train` uses it) or
 * steps are short; preparing takes one to a few milliseconds a batch. The worker holds its own copy of the images.
 *
 * @param data Left unchanged.
 * @param options See {@linkcode PrefetchOptions}.
 * @returns An async iterable; leaving it early ends the worker. Dispose both tensors of each batch.
 * @throws {RangeError} If an option is out of range, at the call.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { loadDataset } from "./load_dataset.ts";
 * const data = await loadDataset("svhn", "train", { source: "procedural", limit: 10 });
 * for await (const { x, y } of prefetchBatches(data, { batchSize: 5, augment: "rotations" })) {
 *   assertEquals(x.shape, [5, 32, 32, 3]);
 *   x.dispose();
 *   y.dispose();
 * }
 * ```
 */
export function prefetchBatches(
  data: Dataset,
  options: PrefetchOptions = {},
): AsyncIterable<Batch> {
  requireKnownOptions("prefetchBatches", options, optionNames);
  const augmentation = augmentationOf(data, options);
  const { ahead = 2 } = options;
  requireInteger("ahead", ahead, { min: 1 });
  const chosen = batchIndices(data.length, options);
  return {
    async *[Symbol.asyncIterator]() {
      const worker = new Worker(new URL("./_batch_worker.ts", import.meta.url), { type: "module" });
      try {
        const ask = createAnswers(worker);
        const start: BatchWorkerStart = {
          data: { images: share(data.images), labels: data.labels },
          augmentation,
        };
        worker.postMessage(start);
        const pending = chosen.slice(0, ahead).map(ask);
        for (let k = 0; k < chosen.length; k++) {
          const numbers = await pending.shift()!;
          const next = chosen[k + ahead];
          if (next) pending.push(ask(next));
          yield toTensors(numbers, augmentation.imageShape);
        }
      } finally {
        worker.terminate();
      }
    },
  };
}
