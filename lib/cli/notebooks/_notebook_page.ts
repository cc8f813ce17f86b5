import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withScratchFolder } from "../../files/scratch_folder.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import { arrange, contents } from "../../pages/arrange.ts";
import { cleanHtml } from "../../pages/clean_html.ts";
import { selfContainedPage } from "../../pages/page.ts";
import { PAGE_STYLE } from "../../pages/page_style.ts";
import type { SetupPaths } from "../setup/paths.ts";
import { lastLines, runCommand } from "../setup/run_command.ts";
import { arrangeCells } from "./_arrange_cells.ts";
import { embedImages, type ImageFolders } from "./_embed_images.ts";
import { insertMath, MathTypesetter } from "./_math.ts";
import { evidenceOf, evidenceStrip } from "./_evidence.ts";
import { type Notebook, notebookText, outputText, readNotebook } from "./nbformat.ts";
import { neighbours } from "./_neighbours.ts";

/** Takes the formulas out of a notebook's prose and markdown outputs. */
function withoutMath(notebook: Notebook, typesetter: MathTypesetter) {
  const formulas = new Map<string, string>();
  const extract = (markdown: string) => {
    const extracted = typesetter.extract(markdown);
    for (const [word, formula] of extracted.formulas) formulas.set(word, formula);
    return extracted.markdown;
  };
  const cells = notebook.cells.map((cell) => {
    if (cell.cell_type === "markdown") return { ...cell, source: extract(cell.source) };
    const outputs = cell.outputs?.map((output) => {
      const markdown = outputText(output, "text/markdown");
      if (markdown === undefined) return output;
      return { ...output, data: { ...output.data, "text/markdown": extract(markdown) } };
    });
    return outputs ? { ...cell, outputs } : cell;
  });
  return { notebook: { ...notebook, cells }, formulas };
}

/**
 * A notebook's title: that in its metadata; else its first heading, without formulas and other marks; else
 * its file's name.
 */
export function titleOf(notebook: Notebook, source: string): string {
  const { title } = notebook.metadata;
  if (typeof title === "string" && title.trim() !== "") return title;
  const prose = notebook.cells.find((cell) => cell.cell_type === "markdown")?.source ?? "";
  const heading = /^# +(.+)$/m.exec(prose)?.[1]?.replace(/\$[^$]*\$|[*`_]/g, "").trim();
  return heading || basename(source, ".ipynb");
}

/** Temml's style sheet with its font, Noto Sans Math, inside. */
async function mathStyles(paths: SetupPaths): Promise<string> {
  const modules = join(paths.root, "node_modules");
  const css = await Deno.readTextFile(join(modules, "temml", "dist", "Temml-NotoSans.css"));
  const files = join(modules, "@fontsource", "noto-sans-math", "files");
  const font = await Deno.readFile(join(files, "noto-sans-math-latin-400-normal.woff2"));
  const address = `data:font/woff2;base64,${font.toBase64()}`;
  return css.replace(/url\(['"]?NotoSansMath-Regular\.ttf['"]?\)/, `url(${address})`);
}

/**
 * Cleans each piece of a body that stands between two boundaries. One piece that opens an element or a
 * comment and does not close it cannot swallow the next.
 */
async function cleanPieces(body: string, boundary: string, folders: ImageFolders) {
  const notes: string[] = [];
  const pieces: string[] = [];
  for (const [index, piece] of body.split(boundary).entries()) {
    if (index % 2 === 0) {
      pieces.push(piece);
      continue;
    }
    const embedded = await embedImages(piece, folders);
    notes.push(...embedded.notes);
    pieces.push(cleanHtml(embedded.html));
  }
  return { cleaned: pieces.join(""), notes };
}

/** A notebook that nbformat accepts, whatever its author left out. */
function completed(notebook: Notebook): Notebook {
  const language = { name: "typescript", pygments_lexer: "typescript" };
  const cells = notebook.cells.map((cell) =>
    cell.cell_type === "code"
      ? { ...cell, outputs: cell.outputs ?? [], execution_count: cell["execution_count"] ?? null }
      : cell
  );
  return { ...notebook, metadata: { language_info: language }, cells };
}

/** The cells as HTML, in pieces. */
async function exportCells(
  paths: SetupPaths,
  notebook: Notebook,
  source: string,
  { folder, boundary }: { readonly folder: string; readonly boundary: string },
): Promise<string> {
  const plain = join(folder, "notebook.ipynb");
  const output = join(folder, "cells.html");
  await Deno.writeTextFile(plain, notebookText(completed(notebook)));
  const script = fileURLToPath(new URL("./export_html.py", import.meta.url));
  const result = await runCommand(paths.python, [script, plain, boundary, output]);
  if (!result?.success) {
    throw new Error(`nbconvert cannot export ${source}: ${lastLines(result?.output ?? "")}`);
  }
  return await Deno.readTextFile(output);
}

/** Options of {@linkcode writeNotebookPage}. */
export interface NotebookPageOptions {
  /** Where the notebook's pictures lie. Default: the folder of the notebook that is read. */
  readonly pictures?: string;
  /** Who worked on it. Default: who is named in its record, if anybody is. */
  readonly author?: string;
  /** Why its execution failed. Default: the first error among its outputs. */
  readonly failure?: string;
}

/**
 * Writes a notebook as it is as one self-contained page: formulas as MathML, figures and pictures inside,
 * no script, nothing that a browser would fetch. What a notebook holds beside what
 * `lib/pages/_allowed.ts` names is left out. At the top stands how its numbers came about.
 *
 * @param paths The project's paths; its Python environment runs nbconvert.
 * @param source The notebook, executed or not.
 * @param target The page.
 * @param options See {@linkcode NotebookPageOptions}.
 * @returns One sentence for each formula that is shown as its source, and each picture that is missing.
 * @throws {Error} If nbconvert fails.
 */
export async function writeNotebookPage(
  paths: SetupPaths,
  source: string,
  target: string,
  { pictures = dirname(source), author, failure }: NotebookPageOptions = {},
): Promise<string[]> {
  const given = await readNotebook(source);
  const typesetter = new MathTypesetter();
  const { notebook, formulas } = withoutMath(given, typesetter);
  const { mtime } = await Deno.stat(source);
  const evidence = await evidenceOf(given, {
    changed: mtime,
    ...(author === undefined ? {} : { author }),
    ...(failure === undefined ? {} : { failure }),
  });
  let missing: string[] = [];
  await withScratchFolder(dirname(target), async (folder) => {
    const boundary = crypto.randomUUID(); // no notebook can foresee it
    const cells = await exportCells(paths, notebook, source, { folder, boundary });
    const folders = { folder: pictures, allowed: [pictures, paths.root] };
    const { cleaned, notes } = await cleanPieces(insertMath(cells, formulas), boundary, folders);
    missing = notes;
    const { body, headings } = arrange(cleaned, arrangeCells);
    const own = await Deno.readTextFile(new URL("./template/page/page.css", import.meta.url));
    const page = selfContainedPage({
      title: titleOf(given, source),
      styles: [await mathStyles(paths), PAGE_STYLE, own],
      body: `<a class="skip" href="#content">Skip to the text</a>\n` +
        `<header>${neighbours("Notebooks")}</header>\n<div class="layout">\n` +
        `${contents(headings)}\n<main id="content">\n${evidenceStrip(evidence)}${body}\n</main>\n` +
        `</div>\n<footer>${neighbours("Notebooks, at the end")}</footer>`,
    });
    await writeAtomically(target, page);
  });
  return [
    ...typesetter.bad.map(({ tex, reason }) => `the formula ${tex} is not typeset: ${reason}`),
    ...missing,
  ];
}
