/** What the commands that execute notebooks have in common. */
import process from "node:process";
import { join } from "node:path";
import { commandOutput } from "../output.ts";
import type { SetupPaths } from "../setup/paths.ts";
import { type NotebookFlags, notebookSettings } from "./flags.ts";
import {
  findNotebooks,
  type NotebookOutcome,
  runNotebooks,
  type RunNotebooksOptions,
} from "./run_notebooks.ts";

/**
 * Executes the notebooks that the flags choose, with progress on stdout.
 *
 * @param handlers What follows each notebook, and who works on them.
 * @returns One outcome for each notebook that was started.
 * @throws {DOMException} AbortError after an interrupt.
 */
export async function executeChosen(
  paths: SetupPaths,
  flags: NotebookFlags,
  signal: AbortSignal,
  handlers: Pick<RunNotebooksOptions, "onExecuted" | "onFailed" | "author">,
): Promise<NotebookOutcome[]> {
  const outcomes = await runNotebooks(paths, {
    notebooks: await findNotebooks(join(paths.root, "notebooks"), flags.only),
    settings: notebookSettings(flags),
    line: commandOutput(flags).line({ stream: process.stdout }),
    signal,
    ...handlers,
  });
  signal.throwIfAborted();
  return outcomes;
}
