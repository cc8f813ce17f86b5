/** Shows a training run's progress. */
import { duration } from "../format/duration.ts";
import { percent } from "../format/percent.ts";
import { progressLine } from "../terminal/progress.ts";
import { describeSelection } from "./history.ts";
import type { Progress } from "./options.ts";

/** A live display; hand `update` to `train` as `onProgress` and call `stop` at the end. */
export interface ProgressDisplay {
  readonly update: (progress: Progress) => void;
  readonly stop: () => void;
}

/**
 * Words where a run stands in one line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(
 *   formatProgress({
 *     epoch: 2, epochs: 5, batch: 10, batches: 61,
 *     loss: 1.25, accuracy: 0.5, imagesPerSecond: 412.3, etaSeconds: 95,
 *   }),
 *   "epoch 2/5  batch 10/61  loss 1.250  accuracy 50.0 %  412 images/s  1 min 35 s left",
 * );
 * ```
 */
export function formatProgress(progress: Progress): string {
  const { epoch, epochs, batch, batches, loss, accuracy, imagesPerSecond, etaSeconds } = progress;
  const selection = describeSelection(progress.selectBy);
  return [
    `epoch ${epoch}/${epochs}`,
    `batch ${batch}/${batches}`,
    `loss ${loss.toFixed(3)}`,
    `accuracy ${percent(accuracy)}`,
    `${imagesPerSecond.toFixed(0)} images/s`,
    `${duration(etaSeconds)} left`,
    ...(selection === undefined ? [] : [`best by ${selection}`]),
  ].join("  ");
}

/**
 * Creates a display of one run, at the latest rewritten at the end of each epoch; a log gets one line
 * an epoch.
 *
 * @param line Where it is shown. Default: the notebook's output, the terminal or the log.
 * @returns A display; nothing is shown before its first update.
 * @example
 * ```ts
 * const display = progressDisplay();
 * display.stop(); // nothing was shown
 * ```
 */
export function progressDisplay(line = progressLine({ logSeconds: Infinity })): ProgressDisplay {
  return {
    update(progress) {
      const { epoch, epochs, batch, batches } = progress;
      const fraction = (epoch - 1 + batch / batches) / epochs;
      const { etaSeconds: secondsLeft } = progress;
      line.show(formatProgress(progress), { fraction, secondsLeft, now: batch === batches });
    },
    stop: line.stop,
  };
}
