/** What the commands that execute notebooks have in common. */
import process from "node:process";
import { join } from "node:path";
import { commandOutput } from "../output.ts";
import type { SetupPaths } from "../setup/paths.ts";
import { type NotebookFlags, notebookSettings } from "./flags.ts";
import { findNotebooks, type NotebookOutcome, runNotebooks } from "./run_notebooks.ts";

/**
 * Executes the notebooks that the flags choose, with progress on stdout.
 *
 * @param onExecuted Called after each notebook that ran to its end.
 * @returns One outcome for each notebook that was started.
 * @throws {DOMException} AbortError after an interrupt.
 */
export async function executeChosen(
  paths: SetupPaths,
  flags: NotebookFlags,
  signal: AbortSignal,
  onExecuted: (outcome: NotebookOutcome) => Promise<void>,
): Promise<NotebookOutcome[]> {
  const outcomes = await runNotebooks(paths, {
    notebooks: await findNotebooks(join(paths.root, "notebooks"), flags.only),
    settings: notebookSettings(flags),
    line: commandOutput(flags).line({ stream: process.stdout }),
    signal,
    onExecuted,
  });
  signal.throwIfAborted();
  return outcomes;
}
