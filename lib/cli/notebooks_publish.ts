/** `deno task notebooks:publish`: re-writes the committed notebooks with their outputs. */
import { basename, join } from "node:path";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { executeChosen } from "./notebooks/execute_chosen.ts";
import { notebookCommand, type NotebookFlags, NOTEBOOKS_INTERRUPTED } from "./notebooks/flags.ts";
import { runCommandLine } from "./_run_command_line.ts";
import type { NotebookOutcome } from "./notebooks/run_notebooks.ts";
import { publishableText } from "./notebooks/publishable.ts";
import { commandOutput } from "./output.ts";
import { setupPaths } from "./setup/paths.ts";

async function main(signal: AbortSignal): Promise<number> {
  const paths = setupPaths();
  const folder = join(paths.root, "notebooks");
  const flags = notebookCommand(
    "deno task notebooks:publish",
    "Executes the notebooks and re-writes the committed files with their outputs.",
    "quick",
  ).parse(Deno.args, { from: "user" }).opts<NotebookFlags>();
  await requireOutputFolder(folder, { within: paths.root });
  const publish = async ({ name, executed }: NotebookOutcome) => {
    const text = await publishableText(executed, paths.root);
    await writeAtomically(join(folder, `${name}.ipynb`), text);
  };
  const outcomes = await executeChosen(paths, flags, signal, { onExecuted: publish });
  const published = outcomes.filter((outcome) => outcome.failure === undefined);
  const output = commandOutput(flags);
  for (const { name, seconds, failure } of outcomes) {
    // Otherwise the line of progress has told it.
    const text = flags.quiet && failure !== undefined ? `${name}: ${failure}` : "";
    output.result({ name, seconds, ...(failure === undefined ? {} : { failure }) }, text);
  }
  output.remark(
    `Published ${published.map(({ executed }) => basename(executed)).join(", ") || "nothing"}.`,
  );
  return published.length === outcomes.length ? 0 : 1;
}

await runCommandLine(main, NOTEBOOKS_INTERRUPTED);
