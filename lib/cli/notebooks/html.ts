import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withScratchFolder } from "../../files/scratch_folder.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import type { SetupPaths } from "../setup/paths.ts";
import { lastLines, runCommand } from "../setup/run_command.ts";
import { extractMath, insertMath } from "./math.ts";
import { type Notebook, notebookText, outputText, readNotebook } from "./nbformat.ts";
import { outsideReferences } from "./self_contained.ts";

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

/** The first heading, without formulas and other marks; else the file's name. */
function titleOf(notebook: Notebook, source: string): string {
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
 * Writes an executed notebook as one self-contained page: formulas as MathML, figures inside, no
 * script, nothing that a browser would fetch.
 *
 * @param paths The project's paths; its Python environment runs nbconvert.
 * @param source The executed notebook.
 * @param target The page.
 * @throws {Error} If a formula is not understood, or an output would fetch something.
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
    const page = join(folder, "page.html");
    await Deno.writeTextFile(plain, notebookText(notebook));
    const script = fileURLToPath(new URL("./export_html.py", import.meta.url));
    const result = await runCommand(paths.python, [script, plain, titleOf(executed, source), page]);
    if (!result?.success) {
      throw new Error(`nbconvert cannot export ${source}: ${lastLines(result?.output ?? "")}`);
    }
    const styles = await mathStyles(paths);
    const html = insertMath(await Deno.readTextFile(page), formulas)
      .replace("/* mathml styles */", () => styles);
    const outside = outsideReferences(html);
    if (outside.length > 0) {
      throw new Error(`The page of ${source} would not be self-contained: ${outside.join("; ")}.`);
    }
    await writeAtomically(target, html);
  });
}
