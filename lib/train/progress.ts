/** Shows a run's progress where it is watched: a terminal, a log file or a notebook. */
// @ts-types="./_cli_progress.d.ts"
import cliProgress from "cli-progress";
import type { Progress } from "./options.ts";

/** A live display; hand `update` to `train` as `onProgress` and call `stop` at the end. */
export interface ProgressDisplay {
  readonly update: (progress: Progress) => void;
  readonly stop: () => void;
}

/** Seconds as "45s", "3m 20s" or "2h 05m". */
function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  if (h > 0) return `${h}h ${two(m)}m`;
  return m > 0 ? `${m}m ${two(s)}s` : `${s}s`;
}

/**
 * One line about where a run stands.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(
 *   formatProgress({
 *     epoch: 2, epochs: 5, batch: 10, batches: 61,
 *     loss: 1.25, accuracy: 0.5, imagesPerSecond: 412.3, etaSeconds: 95,
 *   }),
 *   "epoch 2/5  batch 10/61  loss 1.250  accuracy 50.0 %  412 images/s  1m 35s left",
 * );
 * ```
 */
export function formatProgress(progress: Progress): string {
  const { epoch, epochs, batch, batches, loss, accuracy, imagesPerSecond, etaSeconds } = progress;
  return [
    `epoch ${epoch}/${epochs}`,
    `batch ${batch}/${batches}`,
    `loss ${loss.toFixed(3)}`,
    `accuracy ${(100 * accuracy).toFixed(1)} %`,
    `${imagesPerSecond.toFixed(0)} images/s`,
    `${duration(etaSeconds)} left`,
  ].join("  ");
}

/** A bar in a terminal: the whole run is its length. */
function terminalDisplay(): ProgressDisplay {
  const bar = new cliProgress.SingleBar({
    format: "{bar} {line}",
    barsize: 20,
    hideCursor: true,
    linewrap: false,
    stopOnComplete: false,
  }, cliProgress.Presets.shades_classic);
  let started = false;
  return {
    update(progress) {
      const done = (progress.epoch - 1) * progress.batches + progress.batch;
      const line = formatProgress(progress);
      if (started) bar.update(done, { line });
      else bar.start(progress.epochs * progress.batches, done, { line });
      started = true;
    },
    stop: () => bar.stop(),
  };
}

/** One line an epoch, for logs and pipes. */
function logDisplay(write: (line: string) => void): ProgressDisplay {
  return {
    update(progress) {
      if (progress.batch === progress.batches) write(formatProgress(progress));
    },
    stop() {},
  };
}

/** The part of `Deno.jupyter` that is used here; the namespace exists in the kernel alone. */
export interface JupyterNamespace {
  /** Some versions of the kernel return nothing. */
  broadcast(type: string, content: Record<string, unknown>): Promise<void> | undefined;
}

/** The kernel's namespace; outside a notebook merely reading it throws. */
function jupyterNamespace(): JupyterNamespace | undefined {
  try {
    return (Deno as { jupyter?: JupyterNamespace }).jupyter;
  } catch {
    return undefined;
  }
}

/** One output that is rewritten in place, at most twice a second and at every epoch's end. */
export function notebookDisplay(jupyter: JupyterNamespace): ProgressDisplay {
  const transient = { display_id: crypto.randomUUID() };
  let shown: Progress | undefined;
  let lastTime = -Infinity;
  const send = (progress: Progress) => {
    const type = shown ? "update_display_data" : "display_data";
    shown = progress;
    lastTime = performance.now();
    const data = { "text/plain": formatProgress(progress) };
    // A display that cannot be drawn must not stop the training it shows.
    jupyter.broadcast(type, { data, metadata: {}, transient })?.catch((error) =>
      console.warn(error)
    );
  };
  return {
    update(progress) {
      const epochEnds = progress.batch === progress.batches;
      if (epochEnds || performance.now() - lastTime > 500) send(progress);
    },
    stop() {},
  };
}

/**
 * Creates the display that fits the place: a rewritten output in a notebook, a bar in a terminal,
 * else one line an epoch on stderr.
 *
 * @returns A display; nothing is shown before its first update.
 * @example
 * ```ts
 * const display = progressDisplay();
 * display.stop(); // nothing was shown
 * ```
 */
export function progressDisplay(): ProgressDisplay {
  const jupyter = jupyterNamespace();
  if (jupyter) return notebookDisplay(jupyter);
  if (Deno.stderr.isTerminal()) return terminalDisplay();
  return logDisplay((line) => console.error(line));
}
