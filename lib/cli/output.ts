/** How a command tells what it found: `--json` and `--quiet`, the same everywhere. */
import type { Command } from "commander";
import { type ProgressLine, progressLine, type ProgressOptions } from "../terminal/progress.ts";

/** What the two flags say. */
export interface OutputFlags {
  /** One line of JSON a result on stdout, and no other words there. */
  readonly json?: boolean;
  /** Results and errors alone: no progress, no remarks. */
  readonly quiet?: boolean;
}

/** Where a command's words go. */
export interface CommandOutput {
  /** Whether results are lines of JSON. */
  readonly json: boolean;
  /** Prints a result: as text, or with `--json` as one line of JSON. A text that is "" is left out. */
  result(value: object, text: string): void;
  /** Prints what only a reader wants, e.g. a table of results told before; not with either flag. */
  remark(text: string): void;
  /** Prints what is going on, on stderr; not with `--quiet`. */
  note(text: string): void;
  /** The line of progress; a silent one with `--quiet`. */
  line(options?: ProgressOptions): ProgressLine;
}

/** A line that shows nothing. */
const SILENT_LINE: ProgressLine = { show() {}, keep() {}, stop() {} };

/** Adds `--json` and `--quiet` to a command. */
export function addOutputFlags(command: Command): Command {
  return command
    .option("--json", "print each result as one line of JSON")
    .option("--quiet", "print results and errors alone");
}

/**
 * What a command prints with, by its flags.
 *
 * @example
 * ```ts
 * const output = commandOutput({ json: true });
 * output.result({ path: "a.csv", rows: 3 }, "Wrote 3 rows into a.csv");
 * output.remark("left out with --json");
 * ```
 */
export function commandOutput({ json = false, quiet = false }: OutputFlags): CommandOutput {
  return {
    json,
    result(value, text) {
      if (json) console.log(JSON.stringify(value));
      else if (text !== "") console.log(text);
    },
    remark(text) {
      if (!json && !quiet) console.log(text);
    },
    note(text) {
      if (!quiet) console.error(text);
    },
    line(options = {}) {
      if (quiet) return SILENT_LINE;
      // With --json, stdout is for the results.
      const { stream: _, ...elsewhere } = options;
      return progressLine(json ? elsewhere : options);
    },
  };
}
