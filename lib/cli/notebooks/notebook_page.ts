import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { withScratchFolder } from "../../files/scratch_folder.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import { cleanHtml } from "../../pages/clean_html.ts";
import { selfContainedPage } from "../../pages/page.ts";
import type { SetupPaths } from "../setup/paths.ts";
import { lastLines, runCommand } from "../setup/run_command.ts";
import { extractMath, insertMath } from "./_math.ts";
import { type Notebook, notebookText, outputText, readNotebook } from "./nbformat.ts";

/** What export_html.py writes. */
const Exported = z.object({ styles: z.array(z.string()), body: z.string() });

/** Takes the formulas out of a notebook's prose and markdown outputs. */
function withoutMath(notebook: Notebook): { notebook: Notebook; formulas: Map<string, string> } {
  const formulas = new Map<string, string>();
  const extract = (markdown: string) => {
    const extracted = extractMath(markdown, formulas.size);
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

/** The title in the metadata; else the first heading, without formulas and other marks; else the file's name. */
function titleOf(notebook: Notebook, source: string): string {
  const { title } = notebook.metadata;
  if (typeof title === "string" && title.trim() !== "") return title;
  const prose = notebook.cells.find((cell) => cell.cell_type === "markdown")?.source ?? "";
  const heading = /^# +(.+)$/m.exec(prose)?.[1]?.replace(/\$[^$]*\$|[*`_]/g, "").trim();
  return heading || basename(source, ".ipynb");
}

/** Temml's style sheet with its font inside. */
async function mathStyles(paths: SetupPaths): Promise<string> {
  const folder = join(paths.root, "node_modules", "temml", "dist");
  const css = await Deno.readTextFile(join(folder, "Temml-Local.css"));
  const font = await Deno.readFile(join(folder, "Temml.woff2"));
  const address = `data:font/woff2;base64,${font.toBase64()}`;
  return css.replace(/url\(['"]?Temml\.woff2['"]?\)/, `url(${address})`);
}

/**
 * Cleans each piece of a body that stands between two boundaries. One piece that opens an element or a
 * comment and does not close it cannot swallow the next.
 */
function cleanPieces(body: string, boundary: string): string {
  return body.split(boundary)
    .map((piece, index) => index % 2 === 1 ? cleanHtml(piece) : piece)
    .join("");
}

/**
 * Writes an executed notebook as one self-contained page: formulas as MathML, figures inside, no
 * script, nothing that a browser would fetch. What a notebook holds beside what `lib/pages/_allowed.ts`
 * names is left out.
 *
 * @param paths The project's paths; its Python environment runs nbconvert.
 * @param source The executed notebook.
 * @param target The page.
 * @throws {Error} If nbconvert fails or a formula is not understood.
 */
export async function writeNotebookPage(
  paths: SetupPaths,
  source: string,
  target: string,
): Promise<void> {
  const executed = await readNotebook(source);
  const { notebook, formulas } = withoutMath(executed);
  await withScratchFolder(dirname(target), async (folder) => {
    const plain = join(folder, "notebook.ipynb");
    const output = join(folder, "page.json");
    await Deno.writeTextFile(plain, notebookText(notebook));
    const script = fileURLToPath(new URL("./export_html.py", import.meta.url));
    const boundary = crypto.randomUUID(); // no notebook can foresee it
    const result = await runCommand(paths.python, [script, plain, boundary, output]);
    if (!result?.success) {
      throw new Error(`nbconvert cannot export ${source}: ${lastLines(result?.output ?? "")}`);
    }
    const { styles, body } = Exported.parse(JSON.parse(await Deno.readTextFile(output)));
    const own = await Deno.readTextFile(new URL("./template/page/page.css", import.meta.url));
    const page = selfContainedPage({
      title: titleOf(executed, source),
      styles: [...styles, own, await mathStyles(paths)],
      body: cleanPieces(insertMath(body, formulas), boundary),
    });
    await writeAtomically(target, page);
  });
}
