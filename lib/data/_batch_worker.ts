/** Runs in a worker: turns indices into a batch's numbers; loads no TensorFlow. */
import { assembleBatch } from "./_assemble_batch.ts";
import type { Augmentation } from "./augment.ts";
import type { LabelledImages } from "./definition.ts";

/** The first message to the worker: the images (in shared memory) and how to draw from them. */
export interface BatchWorkerStart {
  readonly data: LabelledImages;
  readonly augmentation: Augmentation;
}

// The DOM library types `self` as a window; in a worker it posts messages with transfers.
const worker = self as unknown as {
  onmessage: (event: MessageEvent<BatchWorkerStart | Uint32Array>) => void;
  postMessage(message: unknown, transfer: Transferable[]): void;
};

let start: BatchWorkerStart | undefined;

worker.onmessage = ({ data: message }) => {
  if (!(message instanceof Uint32Array)) {
    start = message;
    return;
  }
  const { data, augmentation } = start!;
  const numbers = assembleBatch(data, message, augmentation);
  worker.postMessage(numbers, [numbers.pixels.buffer as ArrayBuffer]);
};
