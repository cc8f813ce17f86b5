import { nativeOps } from "../backend/native_op.ts";
import { tf } from "../backend/tf.ts";
import type { EpochRecord } from "./history.ts";

/** Appends the scalars of a run to a TensorBoard event file. */
export interface TensorBoardLog {
  /** Writes one epoch's values at step = epoch and flushes them to disk. */
  write(record: EpochRecord): void;
  /** Closes the file; TensorFlow would keep it open for the life of the process. */
  close(): void;
}

const TAGS: readonly [tag: string, field: Exclude<keyof EpochRecord, "epoch">][] = [
  ["loss/train", "trainLoss"],
  ["loss/validation", "validationLoss"],
  ["accuracy/train", "trainAccuracy"],
  ["accuracy/validation", "validationAccuracy"],
  ["accuracy/robust", "robustAccuracy"],
  ["learning_rate", "learningRate"],
  ["images_per_second", "imagesPerSecond"],
];

/** tfjs's own defaults; the file is flushed after each epoch anyway. */
const QUEUE = 10;
const FLUSH_MS = 120_000;

type Writer = ReturnType<typeof tf.node.summaryFileWriter>;

function countEventFiles(directory: string): number {
  return [...Deno.readDirSync(directory)].filter(({ name }) => name.includes(".tfevents.")).length;
}

/** The writer's resource; the field is private in tfjs. */
function handleOf(writer: Writer): tf.Tensor {
  return (writer as unknown as { resourceHandle: tf.Tensor }).resourceHandle;
}

function createWriter(logdir: string): Writer {
  let writer: Writer;
  // Not returned through tidy: that would search it for tensors to keep, reach tfjs's engine, and find
  // those of the tidy itself.
  tf.tidy(() => {
    // TensorFlow opens the file by a name that a folder from elsewhere could hold as a link, made of
    // second and host: with a random part nothing can have it.
    const suffix = `.${crypto.randomUUID()}.v2`;
    writer = tf.node.summaryFileWriter(logdir, QUEUE, FLUSH_MS, suffix);
    // tfjs caches the writer, so its handle must outlive this tidy.
    tf.keep(handleOf(writer));
  });
  return writer!;
}

/** False if the writer is one that tfjs had cached and that was closed meanwhile. */
function isOpen(writer: Writer): boolean {
  try {
    writer.flush();
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens a new event file in a run directory; older ones stay, and TensorBoard reads them together.
 *
 * tfjs keeps one writer per spelling of a folder for the life of the process, also after it was
 * closed or the folder was removed. So spellings are tried until one really creates a file.
 *
 * @param directory An existing folder.
 * @returns The log; every {@linkcode TensorBoardLog.write} is on disk when it returns.
 * @throws {Error} If no event file could be created.
 * @example
 * ```ts
 * import { assert } from "@trusted-ai-lab/lab/assert";
 * const directory = await Deno.makeTempDir();
 * const log = openTensorBoard(directory);
 * log.write(
 *   { epoch: 1, trainLoss: 2, trainAccuracy: 0.2, learningRate: 0.1, seconds: 1, imagesPerSecond: 9 },
 * );
 * log.close();
 * assert([...Deno.readDirSync(directory)][0]!.name.startsWith("events.out.tfevents."));
 * ```
 */
export function openTensorBoard(directory: string): TensorBoardLog {
  const before = countEventFiles(directory);
  let writer: Writer | undefined;
  let spelling = directory;
  for (let attempt = 0; attempt < 1000 && countEventFiles(directory) === before; attempt++) {
    const next = createWriter(spelling);
    if (isOpen(next)) writer = next;
    spelling += "/.";
  }
  if (writer === undefined || countEventFiles(directory) === before) {
    throw new Error(`Cannot create a TensorBoard event file in ${directory}`);
  }
  return {
    write(record) {
      for (const [tag, field] of TAGS) {
        const value = record[field];
        if (value !== undefined) writer.scalar(tag, value, record.epoch);
      }
      writer.flush();
    },
    close() {
      const handle = handleOf(writer);
      nativeOps("CloseSummaryWriter", [], [handle], 0);
      handle.dispose();
    },
  };
}
