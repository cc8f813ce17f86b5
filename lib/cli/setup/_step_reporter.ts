import { type ProgressLine, progressLine } from "../../terminal/progress.ts";

/** Prints what set-up does, step by step. */
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
 * Creates a reporter.
 *
 * @param line Where it prints. Default stderr.
 * @example
 * ```ts
 * import { assertMatch } from "@trusted-ai-lab/lab/assert";
 * import { progressLine } from "../../terminal/progress.ts";
 * let text = "";
 * const reporter = stepReporter(progressLine({ stream: { write: (part) => text += part } }));
 * await reporter.step("compile", () => Promise.resolve("1 MB"));
 * assertMatch(text, /^set-up: compile \.\.\.\nset-up: compile \.\.\. 1 MB \(\d+\.\d s\)\n$/);
 * ```
 */
export function stepReporter(line: ProgressLine = progressLine()): StepReporter {
  return {
    async step(title, work) {
      const start = performance.now();
      const head = `set-up: ${title} ...`;
      line.show(head, { now: true });
      try {
        const outcome = await work((text) => line.show(`${head} ${text}`));
        line.keep(`${head} ${outcome} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
      } catch (error) {
        line.keep(`${head} failed`);
        throw error;
      }
    },
    note: (text) => line.keep(`set-up: ${text}`),
  };
}
