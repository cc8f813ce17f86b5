/** The folder of the notebooks' pages: what lies in it, and what its index may link to. */
import { basename, dirname, join } from "node:path";
import type { NotebookEntry } from "../../experiments/report/index_page.ts";
import type { SetupPaths } from "../setup/paths.ts";
import { readEvidence, sourceHash } from "./_evidence.ts";
import { linkPage, type PageLink } from "./_neighbours.ts";
import { type Notebook, readNotebook } from "./nbformat.ts";
import { titleOf, writeNotebookPage } from "./_notebook_page.ts";

/** The page of a notebook in a folder. */
export function pagePath(folder: string, notebook: string): string {
  return join(folder, `${basename(notebook, ".ipynb")}.html`);
}

/** A notebook to export. */
export interface Exported {
  /** The notebook in its own folder, beside its pictures. */
  readonly source: string;
  /** The copy to show; absent: the notebook itself. */
  readonly shown?: string;
  readonly author?: string;
  /** Why its execution failed. */
  readonly failure?: string;
}

/**
 * Writes a notebook's page in place of an earlier one, which is removed first: if the export fails, none
 * is left to be taken for this one.
 *
 * @returns One sentence for each formula or picture that the page lacks.
 */
export async function exportPage(
  paths: SetupPaths,
  folder: string,
  { source, shown = source, author, failure }: Exported,
): Promise<string[]> {
  const target = pagePath(folder, source);
  await Deno.remove(target).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  const there = await Deno.stat(shown).then(({ isFile }) => isFile, () => false);
  return await writeNotebookPage(paths, there ? shown : source, target, {
    pictures: dirname(source),
    ...(author === undefined ? {} : { author }),
    ...(failure === undefined ? {} : { failure }),
  });
}

/** The text of "**Question.** ..." at a notebook's start, without marks and formulas' dollars. */
function questionOf({ cells }: Notebook): string | undefined {
  const prose = cells.find((cell) => cell.cell_type === "markdown")?.source ?? "";
  const found = /^\*\*Question\.?\*\*\s*([\s\S]*?)(?:\n\s*\n|$)/m.exec(prose)?.[1];
  return found?.replace(/[*`_$]/g, "").replace(/\s+/g, " ").trim() || undefined;
}

/** What the index says of a notebook. */
async function entryOf(source: string, folder: string): Promise<NotebookEntry> {
  const notebook = await readNotebook(source);
  const question = questionOf(notebook);
  const entry = { title: titleOf(notebook, source), ...(question ? { question } : {}) };
  const page = pagePath(folder, source);
  const html = await Deno.readTextFile(page).catch(() => undefined);
  if (html === undefined) return { ...entry, notes: ["no page yet"] };
  const evidence = readEvidence(html);
  if (evidence?.source !== await sourceHash(notebook)) {
    return { ...entry, notes: ["changed since its page was made; run it again"] };
  }
  const { executed, profile, data, seeds, order, exercises, author, failed } = evidence;
  const session = profile === undefined ? [] : [`profile ${profile}, ${data}, seeds ${seeds}`];
  return {
    ...entry,
    page,
    notes: [author, `executed: ${executed}`, ...session, order, exercises]
      .filter((note) => note !== undefined),
    ...(failed === undefined ? {} : { failure: failed }),
  };
}

/**
 * What the index says of notebooks: it links a page only if it was made of the notebook as it is now.
 *
 * @param notebooks In order.
 * @param folder Where the pages lie.
 */
export async function notebookEntries(
  notebooks: readonly string[],
  folder: string,
): Promise<NotebookEntry[]> {
  const entries: NotebookEntry[] = [];
  for (const source of notebooks) entries.push(await entryOf(source, folder));
  return entries;
}

/** Links the pages of notebooks with one another, in order. */
export async function linkPages(entries: readonly NotebookEntry[]): Promise<void> {
  const pages = entries.filter((entry) => entry.page !== undefined);
  const linkTo = (entry: NotebookEntry | undefined): PageLink | undefined =>
    entry && { file: basename(entry.page!), title: entry.title };
  for (const [k, { page }] of pages.entries()) {
    await linkPage(page!, { previous: linkTo(pages[k - 1]), next: linkTo(pages[k + 1]) });
  }
}
