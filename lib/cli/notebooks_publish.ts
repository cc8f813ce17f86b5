/** `deno task notebooks:publish`: re-writes the committed notebooks with their outputs. */
import process from "node:process";
import { basename, join } from "node:path";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { notebookCommand, type NotebookFlags, notebookSettings } from "./notebooks/flags.ts";
import { INTERRUPTED_CODE, interruptSignal } from "./_interrupt_signal.ts";
import { findNotebooks, type NotebookOutcome, runNotebooks } from "./notebooks/run_notebooks.ts";
import { publishableText } from "./notebooks/publishable.ts";
import { setupPaths } from "./setup/paths.ts";
import { progressLine } from "../terminal/progress.ts";

async function main(): Promise<number> {
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
  const signal = interruptSignal();
  const outcomes = await runNotebooks(paths, {
    notebooks: await findNotebooks(folder, flags.only),
    settings: notebookSettings(flags),
    line: progressLine({ stream: process.stdout }),
    signal,
    onExecuted: publish,
  });
  if (signal.aborted) {
    console.log("Interrupted; finished runs are cached, so the same command continues from there.");
    return INTERRUPTED_CODE;
  }
  const published = outcomes.filter((outcome) => outcome.failure === undefined);
  console.log(
    `Published ${published.map(({ executed }) => basename(executed)).join(", ") || "nothing"}.`,
  );
  return published.length === outcomes.length ? 0 : 1;
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  Deno.exit(1);
}
