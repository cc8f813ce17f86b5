/** Damaged safetensors files of our own, with digests. */
import { join } from "node:path";
import { tf } from "../../lib/backend/tf.ts";
import {
  readPredictions,
  writePredictions,
} from "../../lib/experiments/records/predictions_file.ts";
import { loadCheckpoint, saveCheckpoint } from "../../lib/nn/checkpoint.ts";
import { assert } from "../../lib/assert/mod.ts";
import { inventPredictions, withFolder } from "../experiments/synthetic_run.ts";
import { tinyClassifier } from "../train/tiny_classifier.ts";
import { attempt, type Tally } from "./_attempts.ts";
import {
  append,
  cut,
  everyBit,
  flip,
  hugeNumbers,
  overwrite,
  scramble,
  spread,
} from "./_damage.ts";

/** Our own checkpoints, which carry digests of tensors and header. */
export async function checkpoints(tally: Tally): Promise<void> {
  await withFolder(async (directory) => {
    const model = tinyClassifier(3);
    const path = join(directory, "model.safetensors");
    await saveCheckpoint(path, model, { epoch: "7" });
    model.dispose();
    const good = await Deno.readFile(path);
    const read = async () => {
      const model = tinyClassifier(0);
      try {
        const { metadata } = await loadCheckpoint(path, model);
        const weights = [...model.parameters, ...model.buffers]
          .map(([name, variable]) => [name, variable.dataSync()]);
        return [weights, metadata.epoch, metadata.format, metadata["lab.model"]];
      } finally {
        model.dispose();
      }
    };
    const begin = 8 + Number(new DataView(good.buffer).getBigUint64(0, true));
    const before = tf.memory().numTensors;
    await attempt(
      tally,
      {
        parser: "checkpoint",
        file: "model.safetensors",
        // The name of the header's digest, which then is none.
        harmless: { header: 0.02 },
        read,
      },
      directory,
      good,
      [
        ...cut(good, spread(0, good.length, 100)),
        ...flip(good, [...Array(8).keys()], "length of the header", everyBit),
        ...overwrite(good, [0, 1, 2, 4], hugeNumbers, "huge header"),
        ...flip(good, spread(8, begin, 200), "header"),
        ...flip(good, spread(begin, good.length, 100), "tensors"),
        ...scramble(good, 8, good.length, 100),
        ...append(good),
      ],
    );
    assert(tf.memory().numTensors === before, "a refused checkpoint left tensors behind");
  });
}

/** The predictions beside a result. */
export async function predictions(tally: Tally): Promise<void> {
  await withFolder(async (directory) => {
    const path = join(directory, "p.safetensors");
    const nothing = { map: undefined, attackedMap: undefined, domainMap: undefined };
    const predictions = inventPredictions(20, 15);
    await writePredictions(path, { ...nothing, predictions, attacked: predictions });
    const good = await Deno.readFile(path);
    const begin = 8 + Number(new DataView(good.buffer).getBigUint64(0, true));
    const read = async () => {
      const { predictions, attacked } = await readPredictions(path);
      return [predictions.logits, predictions.labels, attacked?.logits, attacked?.labels];
    };
    await attempt(
      tally,
      { parser: "predictions", file: "p.safetensors", harmless: { header: 0.03 }, read },
      directory,
      good,
      [
        ...cut(good, spread(0, good.length, 80)),
        ...flip(good, spread(0, begin, 100), "header"),
        ...flip(good, spread(begin, good.length, 60), "tensors"),
        ...scramble(good, 8, good.length, 60),
        ...append(good),
      ],
    );
  });
}
