/** A run for the test that kills a process; run with a directory it trains until it is killed. */
import type { TrainOptions } from "../../lib/train/options.ts";
import { train } from "../../lib/train/train.ts";
import { tileDataset, tinyClassifier } from "./tiny_classifier.ts";

export function killedRun(): TrainOptions {
  return { train: tileDataset(100), validation: tileDataset(60, 5), epochs: 60, batchSize: 32 };
}

if (import.meta.main) {
  await train(tinyClassifier(1), {
    ...killedRun(),
    directory: Deno.args[0],
    onProgress({ epoch, batch, batches }) {
      if (batch === batches) console.log(`epoch ${epoch}`);
    },
  });
}
