/** `deno task notebooks`: executes copies of the notebooks and writes them as HTML pages. */
import { basename, join, relative } from "node:path";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import { runCommandLine } from "./_run_command_line.ts";
import { executeChosen } from "./notebooks/execute_chosen.ts";
import { notebookCommand, type NotebookFlags, NOTEBOOKS_INTERRUPTED } from "./notebooks/flags.ts";
import { writeNotebookPage } from "./notebooks/notebook_page.ts";
import { findNotebooks } from "./notebooks/run_notebooks.ts";
import { commandOutput } from "./output.ts";
import { setupPaths } from "./setup/paths.ts";
import { duration } from "../format/duration.ts";

interface Flags extends NotebookFlags {
  readonly out: string;
}

/** Writes the index page over all pages that are there, also those of an earlier call. */
async function writeIndex(flags: Flags, notebooks: readonly string[]): Promise<void> {
  const pages: string[] = [];
  for (const notebook of notebooks) {
    const page = join(flags.out, `${basename(notebook, ".ipynb")}.html`);
    if (await Deno.stat(page).catch(() => undefined)) pages.push(page);
  }
  // Imported late: it brings TensorFlow, which only this last step needs.
  const { writeNotebookIndex } = await import("../experiments/report/notebook_index.ts");
  const index = await writeNotebookIndex({
    profile: flags.profile,
    pages,
    path: join(flags.out, "index.html"),
    ...(flags.data === undefined ? {} : { dataDirectory: flags.data }),
    ...(flags.seeds === undefined ? {} : { seeds: flags.seeds }),
  });
  if (index === undefined) {
    commandOutput(flags).note("No run of this profile is finished: no index page.");
  }
}

async function main(signal: AbortSignal): Promise<number> {
  const paths = setupPaths();
  const command = notebookCommand(
    "deno task notebooks",
    "Executes the notebooks and writes self-contained HTML pages.",
    "quick",
  ).option("--out <dir>", "where the pages go", join(paths.root, "notebooks", "html"));
  const flags = command.parse(Deno.args, { from: "user" }).opts<Flags>();
  const folder = join(paths.root, "notebooks");
  const chosen = command.getOptionValueSource("out") === "cli";
  await requireOutputFolder(flags.out, chosen ? {} : { within: folder });
  const start = performance.now();
  const outcomes = await executeChosen(
    paths,
    flags,
    signal,
    ({ name, executed }) => writeNotebookPage(paths, executed, join(flags.out, `${name}.html`)),
  );
  await writeIndex(flags, await findNotebooks(folder));
  const failed = outcomes.filter((outcome) => outcome.failure !== undefined).length;
  const passed = outcomes.length - failed;
  const output = commandOutput(flags);
  for (const { name, seconds, failure } of outcomes) {
    const page = join(flags.out, `${name}.html`);
    const text = output.json || !flags.quiet || failure === undefined ? "" : `${name}: ${failure}`;
    output.result({ name, seconds, ...(failure === undefined ? { page } : { failure }) }, text);
  }
  output.remark(
    `${passed} notebook${passed === 1 ? "" : "s"} executed, ${failed} failed, in ` +
      `${duration((performance.now() - start) / 1000)}; open ${relative(Deno.cwd(), flags.out)}`,
  );
  return failed === 0 ? 0 : 1;
}

await runCommandLine(main, NOTEBOOKS_INTERRUPTED);
