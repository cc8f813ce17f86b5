/** Kills a training process, resumes its run here, and compares with a run that nobody killed. */
import { train } from "../../lib/train/train.ts";
import type { TrainOptions } from "../../lib/train/options.ts";
import { assertEquals } from "../../lib/assert/mod.ts";
import { tinyClassifier, weightsOf } from "../train/tiny_classifier.ts";

/** Trains to the end; what must not depend on kills: everything but the clock. */
export async function finish(options: TrainOptions) {
  const model = tinyClassifier(options.resume ? 9 : 1); // a resumed run takes all from the disk
  try {
    const { bestEpoch, epochs } = await train(model, options);
    const records = epochs.map(({ seconds: _s, imagesPerSecond: _i, ...record }) => record);
    return { bestEpoch, records, weights: weightsOf(model) };
  } finally {
    model.dispose();
  }
}

/** Starts a program, named from this folder; its stdout is piped. */
export function start(
  program: string,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL(program, import.meta.url).pathname, ...args],
    stdout: "piped",
    stderr: "null",
    ...options,
  }).spawn();
}

/**
 * Requires that the killed run in a directory ends as an uninterrupted one, bit for bit, and that it
 * has a checkpoint to go on from or none at all.
 *
 * @param expected What an uninterrupted run gives.
 */
export async function requireSurvival(
  directory: string,
  options: TrainOptions,
  expected: Awaited<ReturnType<typeof finish>>,
): Promise<void> {
  const begun = await Deno.stat(`${directory}/last.safetensors`).then(() => true, () => false);
  if (!begun) await Deno.remove(directory, { recursive: true }).catch(() => {});
  const fresh = begun ? {} : { resume: false };
  const directoryOptions = { ...options, directory, resume: true, ...fresh };
  assertEquals(await finish(directoryOptions), expected);
  const leftovers = [...Deno.readDirSync(directory)].map(({ name }) => name)
    .filter((name) => name.endsWith(".tmp") || name === "run.lock");
  assertEquals(leftovers, []);
}
