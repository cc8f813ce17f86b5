/** `deno task notebooks`: executes copies of the notebooks and writes them as HTML pages. */
import { basename, join, relative } from "node:path";
import { InvalidArgumentError } from "commander";
import type { NotebookEntry } from "../experiments/report/index_page.ts";
import { requireOutputFolder } from "../files/require_output_folder.ts";
import { duration } from "../format/duration.ts";
import { runCommandLine } from "./_run_command_line.ts";
import { executeChosen } from "./notebooks/execute_chosen.ts";
import { notebookCommand, type NotebookFlags, NOTEBOOKS_INTERRUPTED } from "./notebooks/flags.ts";
import { exportPage, linkPages, notebookEntries } from "./notebooks/page_folder.ts";
import { findBrowser, printPage } from "./notebooks/print_pages.ts";
import { findNotebooks } from "./notebooks/run_notebooks.ts";
import { writeStudentsIndex } from "./notebooks/students_index.ts";
import { commandOutput } from "./output.ts";
import { type SetupPaths, setupPaths } from "./setup/paths.ts";

interface Flags extends NotebookFlags {
  readonly out: string;
  readonly author?: string;
  /** False with `--no-execute`. */
  readonly execute: boolean;
  readonly pdf?: boolean;
  readonly index?: string;
}

const LONGEST_NAME = 200;

function authorName(text: string): string {
  const name = text.replace(/\s+/g, " ").trim();
  if (name === "" || name.length > LONGEST_NAME || /\p{Control}/u.test(name)) {
    throw new InvalidArgumentError(`Give a name of 1 to ${LONGEST_NAME} characters.`);
  }
  return name;
}

function notebooksCommand(paths: SetupPaths) {
  return notebookCommand(
    "deno task notebooks",
    "Executes the notebooks and writes self-contained HTML pages.",
    "quick",
  )
    .option("--out <dir>", "where the pages go", join(paths.root, "notebooks", "html"))
    .option("--author <name>", "your name, for the strip at the top of each page", authorName)
    .option("--no-execute", "export the notebooks with the outputs they have")
    .option("--pdf", "also print each page as PDF, with Chromium or Chrome")
    .option("--index <dir>", "only write an index over the pages that students handed in");
}

/** Exports pages and says what they lack. */
function exporter(paths: SetupPaths, { out, author, ...flags }: Flags) {
  return async (source: string, more: { shown?: string; failure?: string } = {}) => {
    const by = author === undefined ? {} : { author };
    for (const note of await exportPage(paths, out, { source, ...by, ...more })) {
      commandOutput(flags).note(`${basename(source, ".ipynb")}: ${note}`);
    }
  };
}

/** Executes the chosen notebooks and exports each, also one that failed; counts the failures. */
async function executeAndExport(paths: SetupPaths, flags: Flags, signal: AbortSignal) {
  const start = performance.now();
  const write = exporter(paths, flags);
  const outcomes = await executeChosen(paths, flags, signal, {
    ...(flags.author === undefined ? {} : { author: flags.author }),
    onExecuted: ({ source, executed }) => write(source, { shown: executed }),
    onFailed: ({ source, executed, failure }) =>
      write(source, { shown: executed, ...(failure === undefined ? {} : { failure }) }),
  });
  const output = commandOutput(flags);
  for (const { name, seconds, failure } of outcomes) {
    const page = join(flags.out, `${name}.html`);
    const text = output.json || !flags.quiet || failure === undefined ? "" : `${name}: ${failure}`;
    output.result({ name, seconds, page, ...(failure === undefined ? {} : { failure }) }, text);
  }
  const failed = outcomes.filter((outcome) => outcome.failure !== undefined).length;
  const passed = outcomes.length - failed;
  const said = `${passed} notebook${passed === 1 ? "" : "s"} executed, ${failed} failed, in ` +
    duration((performance.now() - start) / 1000);
  return { failed, said };
}

/** Exports the chosen notebooks as they are. */
async function exportAsTheyAre(paths: SetupPaths, flags: Flags, signal: AbortSignal) {
  const write = exporter(paths, flags);
  const notebooks = await findNotebooks(join(paths.root, "notebooks"), flags.only);
  const output = commandOutput(flags);
  let failed = 0;
  for (const source of notebooks) {
    signal.throwIfAborted();
    const name = basename(source, ".ipynb");
    try {
      await write(source);
      output.result({ name, page: join(flags.out, `${name}.html`) }, "");
    } catch (error) {
      failed++;
      const failure = error instanceof Error ? error.message : String(error);
      output.result({ name, failure }, `${name}: ${failure}`);
    }
  }
  return { failed, said: `${notebooks.length - failed} notebooks exported as they are` };
}

/** Writes the index page over the pages that belong to the notebooks as they are. */
async function writeIndex(flags: Flags, notebooks: readonly NotebookEntry[]): Promise<void> {
  // Imported late: it brings TensorFlow, which only this last step needs.
  const { writeNotebookIndex } = await import("../experiments/report/notebook_index.ts");
  const runs = await writeNotebookIndex({
    profile: flags.profile,
    notebooks,
    path: join(flags.out, "index.html"),
    ...(flags.data === undefined ? {} : { dataDirectory: flags.data }),
    ...(flags.seeds === undefined ? {} : { seeds: flags.seeds }),
  });
  if (runs === 0) {
    commandOutput(flags).note("No run of this profile is finished: the index reports none.");
  }
}

async function printAll(flags: Flags, entries: readonly NotebookEntry[]): Promise<boolean> {
  const browser = await findBrowser();
  if (browser === undefined) {
    commandOutput(flags).note(
      "No PDF: install Chromium or Chrome, or name one in LAB_CHROMIUM; the pages print from any " +
        "browser.",
    );
    return false;
  }
  for (const { page } of entries) if (page !== undefined) await printPage(browser, page);
  return true;
}

async function indexHandedIn(flags: Flags, folder: string): Promise<number> {
  await requireOutputFolder(folder, {});
  const { path, pages } = await writeStudentsIndex(folder);
  const text = `${pages} page${pages === 1 ? "" : "s"}; open ${relative(Deno.cwd(), path)}`;
  commandOutput(flags).result({ path, pages }, text);
  return 0;
}

async function main(signal: AbortSignal): Promise<number> {
  const paths = setupPaths();
  const command = notebooksCommand(paths);
  const flags = command.parse(Deno.args, { from: "user" }).opts<Flags>();
  if (flags.index !== undefined) return await indexHandedIn(flags, flags.index);
  const folder = join(paths.root, "notebooks");
  const chosen = command.getOptionValueSource("out") === "cli";
  await requireOutputFolder(flags.out, chosen ? {} : { within: folder });
  await Deno.mkdir(flags.out, { recursive: true });
  const { failed, said } = flags.execute
    ? await executeAndExport(paths, flags, signal)
    : await exportAsTheyAre(paths, flags, signal);
  const entries = await notebookEntries(await findNotebooks(folder), flags.out);
  await linkPages(entries);
  await writeIndex(flags, entries);
  const printed = flags.pdf ? await printAll(flags, entries) : true;
  commandOutput(flags).remark(
    `${said}; open ${relative(Deno.cwd(), join(flags.out, "index.html"))}`,
  );
  return failed === 0 && printed ? 0 : 1;
}

await runCommandLine(main, NOTEBOOKS_INTERRUPTED);
