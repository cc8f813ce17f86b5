const SHOWN_EVERY_MS = 200;

/** Prints one line a step. */
export interface StepReporter {
  /**
   * Runs a step: its title is printed when it starts, its outcome and seconds when it ends.
   *
   * @param title What is being done, with its size where known.
   * @param work Gets a function that shows how far it is; what it returns is printed as the outcome.
   */
  step(title: string, work: (show: (text: string) => void) => Promise<string>): Promise<void>;
  /** Prints one line between steps. */
  note(text: string): void;
}

/**
 * A reporter on stderr. Intermediate progress appears only in a terminal, where it is overwritten.
 *
 * @param write Where text goes. Default stderr.
 * @param terminal Whether it is a terminal.
 * @example
 * ```ts
 * import { assertMatch } from "@trusted-ai-lab/lab/assert";
 * let text = "";
 * const reporter = stepReporter((part) => text += part, false);
 * await reporter.step("compile", () => Promise.resolve("1 MB"));
 * assertMatch(text, /^set-up: compile \.\.\. 1 MB \(\d+\.\d s\)\n$/);
 * ```
 */
export function stepReporter(
  write: (text: string) => void = (text) => Deno.stderr.writeSync(new TextEncoder().encode(text)),
  terminal: boolean = Deno.stderr.isTerminal(),
): StepReporter {
  return {
    async step(title, work) {
      const start = performance.now();
      const head = `set-up: ${title} ... `;
      let shown = 0;
      write(head);
      const show = (text: string) => {
        if (!terminal || performance.now() - shown < SHOWN_EVERY_MS) return;
        shown = performance.now();
        write(`\r\x1b[2K${head}${text}`);
      };
      try {
        const outcome = await work(show);
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        write(`${shown ? `\r\x1b[2K${head}` : ""}${outcome} (${seconds} s)\n`);
      } catch (error) {
        write(`${shown ? `\r\x1b[2K${head}` : ""}failed\n`);
        throw error;
      }
    },
    note: (text) => write(`set-up: ${text}\n`),
  };
}

/** Bytes as megabytes of a million bytes, e.g. "230 MB". */
export function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} MB`;
}
