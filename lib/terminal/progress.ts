/** One line of progress, shown where it is watched: a notebook's output, a terminal or a log. */
import process from "node:process";
// @ts-types="./_cli_progress.d.ts"
import cliProgress from "cli-progress";
import { printableLines } from "../format/printable.ts";
import { writeError } from "./stream.ts";

/** A line that says how far a long task is. */
export interface ProgressLine {
  /**
   * Rewrites the line. Calls that come too fast are left out.
   *
   * @param text What is being done.
   * @param options.fraction Share done, in [0, 1]: a terminal draws a bar of it.
   * @param options.secondsLeft Until the work ends; a notebook hands it to whoever runs its cells.
   * @param options.now Shows the text in any case, e.g. at the end of an epoch.
   */
  show(text: string, options?: ShowOptions): void;
  /** Replaces the line by a text that stays. */
  keep(text: string): void;
  /** Clears the line in a terminal; a terminal needs it, or {@linkcode ProgressLine.keep}, at the end. */
  stop(): void;
}

/** How {@linkcode ProgressLine.show} shows a text. */
export interface ShowOptions {
  /** Share done, in [0, 1]. */
  readonly fraction?: number;
  /** Until the work ends. */
  readonly secondsLeft?: number | undefined;
  /** Shows the text in any case. */
  readonly now?: boolean;
}

/** Where a line goes. */
interface Stream {
  write(text: string, done?: () => void): unknown;
  readonly isTTY?: boolean;
}

/** The part of `Deno.jupyter` that is used here; the namespace exists in the kernel alone. */
export interface JupyterNamespace {
  /** Some versions of the kernel return nothing. */
  broadcast(type: string, content: Record<string, unknown>): Promise<void> | undefined;
}

/** Options of {@linkcode progressLine}. */
export interface ProgressOptions {
  /** Where a terminal or a log is. Default stderr. */
  readonly stream?: Stream;
  /** The notebook's kernel. Default: the one that this process is, if any and without a stream. */
  readonly jupyter?: JupyterNamespace | undefined;
  /** Least time between two lines of a log; `Infinity`: only those that are due now. Default 60. */
  readonly logSeconds?: number;
}

const NOTEBOOK_MS = 500; // least time between two rewrites

/** An output that is rewritten in place. */
function notebookLine(jupyter: JupyterNamespace): ProgressLine {
  let display: string | undefined;
  let last = -Infinity;
  const send = (text: string, secondsLeft?: number) => {
    const type = display === undefined ? "display_data" : "update_display_data";
    display ??= crypto.randomUUID();
    last = performance.now();
    const content = {
      data: { "text/plain": text },
      metadata: secondsLeft === undefined ? {} : { progress: { secondsLeft } },
      transient: { display_id: display },
    };
    // A display that cannot be drawn must not stop the work it shows.
    jupyter.broadcast(type, content)?.catch((error) => console.warn(error));
  };
  return {
    show(text, { now = false, secondsLeft } = {}) {
      if (now || performance.now() - last > NOTEBOOK_MS) send(text, secondsLeft);
    },
    keep(text) {
      send(text);
      display = undefined;
    },
    stop() {},
  };
}

/** A line that is rewritten ten times a second at most and never wider than the terminal. */
function terminalLine(stream: Stream): ProgressLine {
  const bar = new cliProgress.SingleBar({
    stream,
    barsize: 20,
    linewrap: true, // wrapping stays on, and the text is cut instead
    clearOnComplete: true,
    format: (options: unknown, { value }: { value: number }, { text, fraction }: {
      readonly text: string;
      readonly fraction: number | undefined;
    }) => fraction === undefined ? text : `${cliProgress.Format.BarFormat(value, options)} ${text}`,
  }, cliProgress.Presets.shades_classic);
  let started = false;
  const stop = () => {
    if (started) bar.stop();
    started = false;
  };
  return {
    show(text, { fraction } = {}) {
      if (started) bar.update(fraction ?? 0, { text, fraction });
      else bar.start(1, fraction ?? 0, { text, fraction });
      started = true;
    },
    keep(text) {
      stop();
      stream.write(`${text}\n`);
    },
    stop,
  };
}

/** A line whose texts, which may quote files, cannot steer the terminal. */
function printing({ show, keep, stop }: ProgressLine): ProgressLine {
  return {
    show: (text, options) => show(printableLines(text), options),
    keep: (text) => keep(printableLines(text)),
    stop,
  };
}

/** Lines of their own, now and then. */
function logLine(stream: Stream, seconds: number): ProgressLine {
  let last = performance.now();
  const keep = (text: string) => {
    last = performance.now();
    stream.write(`${text}\n`);
  };
  return {
    show(text, { now = false } = {}) {
      if (now || performance.now() - last >= 1000 * seconds) keep(text);
    },
    keep,
    stop() {},
  };
}

/** stderr for progress: when it cannot be written, the work goes on without the line. */
const stderr: Stream & { readonly columns: number | undefined } = {
  write(text, done) {
    writeError(text);
    done?.();
    return true;
  },
  get isTTY() {
    return process.stderr.isTTY;
  },
  get columns() {
    return process.stderr.columns;
  },
};

/** The kernel's namespace; outside a notebook merely reading it throws. */
function jupyterKernel(): JupyterNamespace | undefined {
  try {
    return (Deno as { jupyter?: JupyterNamespace }).jupyter;
  } catch {
    return undefined;
  }
}

/**
 * Creates the line that fits the place: a rewritten output in a notebook, a rewritten line in a
 * terminal, else a line of a log now and then.
 *
 * @param options See {@linkcode ProgressOptions}.
 * @returns A line; nothing is written before its first call.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * let text = "";
 * const line = progressLine({ stream: { write: (part) => text += part } });
 * line.show("1 of 2");
 * line.show("2 of 2", { now: true });
 * line.keep("done");
 * assertEquals(text, "2 of 2\ndone\n");
 * ```
 */
export function progressLine(
  { stream, jupyter = stream ? undefined : jupyterKernel(), logSeconds = 60 }: ProgressOptions = {},
): ProgressLine {
  if (jupyter !== undefined) return notebookLine(jupyter);
  const place = stream ?? stderr;
  return printing(place.isTTY ? terminalLine(place) : logLine(place, logSeconds));
}
