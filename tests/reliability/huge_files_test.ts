/** Files that are far too large, or no files: refused before they are read. */
import { dirname, join } from "node:path";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { readImageList } from "../../lib/data/_image_list.ts";
import { encoderOfFile } from "../../lib/experiments/runs/encoder.ts";
import { readPredictions } from "../../lib/experiments/records/predictions_file.ts";
import { loadRecord } from "../../lib/experiments/records/record.ts";
import { FileError } from "../../lib/files/file_error.ts";
import { loadPredictions } from "../../lib/metrics/load_predictions.ts";
import { loadCheckpoint } from "../../lib/nn/checkpoint.ts";
import { assert, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { fixture } from "../data/fixtures.ts";
import { withFolder } from "../experiments/synthetic_run.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";

/** 8 GiB of which the file system keeps only the length. */
const HUGE = 8 * 2 ** 30;

async function readCheckpoint(path: string): Promise<unknown> {
  const model = tinyClassifier();
  try {
    return await loadCheckpoint(path, model);
  } finally {
    model.dispose();
  }
}

/** Readers of one file, with the file's name and the others that must lie beside it. */
const readers: readonly [
  file: string,
  beside: readonly string[],
  read: (path: string, folder: string) => Promise<unknown>,
][] = [
  [
    "SVHN/test_32x32.mat",
    ["SVHN/train_32x32.mat"],
    (_, directory) => loadDataset("svhn", "test", { directory }),
  ],
  [
    "cifar-10-batches-bin/test_batch.bin",
    ["cifar-10-batches-bin/data_batch_1.bin"],
    (_, directory) => loadDataset("cifar10", "test", { directory }),
  ],
  ["model.safetensors", [], readCheckpoint],
  ["encoder.safetensors", [], (path) => encoderOfFile(path, "an encoder")],
  ["p.safetensors", [], readPredictions],
  ["logits.npy", [], (path) => loadPredictions(path)],
  ["config.json", [], (path) => loadRecord(dirname(path))],
  ["SHA256SUMS", [], (path) => loadRecord(dirname(path))],
  ["images.csv", [], (path) => readImageList(path, "")],
];

/** A folder with these fixtures, and the folder of `file`. */
async function prepare(folder: string, file: string, beside: readonly string[]): Promise<string> {
  for (const other of [file, ...beside]) {
    await Deno.mkdir(dirname(join(folder, other)), { recursive: true });
  }
  for (const other of beside) await Deno.writeFile(join(folder, other), await fixture(other));
  return join(folder, file);
}

for (const [file, beside, read] of readers) {
  Deno.test({
    name: `${file} of 8 GiB is refused unread`,
    ignore: Deno.build.os === "windows", // which would write the zeros
    fn: () =>
      withFolder(async (folder) => {
        const path = await prepare(folder, file, beside);
        await Deno.writeFile(path, new Uint8Array());
        await Deno.truncate(path, HUGE);
        const before = Deno.memoryUsage().rss;
        const { message } = await assertRejects(() => read(path, folder), FileError);
        assertStringIncludes(message, file.split("/").at(-1)!);
        const grown = (Deno.memoryUsage().rss - before) / 2 ** 20;
        assert(grown < 200, `the memory grew by ${grown} MB`);
      }),
  });

  Deno.test(`a folder in the place of ${file} is refused`, () =>
    withFolder(async (folder) => {
      const path = await prepare(folder, file, beside);
      await Deno.mkdir(path);
      const { message } = await assertRejects(() => read(path, folder), FileError);
      assertStringIncludes(message, "to be a file");
    }));
}
