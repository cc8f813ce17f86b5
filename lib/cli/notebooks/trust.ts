/** Which notebooks JupyterLab may trust. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { disallowedIn, parsePage } from "../../pages/clean_html.ts";
import type { SetupPaths } from "../setup/paths.ts";
import { lastLines, runCommand } from "../setup/run_command.ts";
import { type NotebookOutput, outputText, readNotebook } from "./nbformat.ts";

/** Types of outputs that nothing runs in. */
const PASSIVE = new Set(["image/png", "image/jpeg", "image/gif", "text/plain", "text/latex"]);
/** Types that are harmless if the cleaning of pages finds nothing in them. */
const MARKUP = ["text/html", "image/svg+xml"];

function isHarmless(output: NotebookOutput): boolean {
  if (output.output_type === "stream" || output.output_type === "error") return true;
  return Object.keys(output.data ?? {}).every((type) => {
    if (PASSIVE.has(type)) return true;
    // Markdown may hold HTML, and JSON of an unknown type may hold anything.
    if (type === "text/markdown") return !/[<]/.test(outputText(output, type)!);
    return MARKUP.includes(type) &&
      disallowedIn(parsePage(outputText(output, type)!).body).length === 0;
  });
}

/**
 * Tells whether a notebook's outputs hold nothing that would run or fetch in JupyterLab, whoever made
 * them.
 *
 * @param path An `.ipynb` file.
 * @throws {Error} Naming the file, if it is not a notebook.
 */
export async function isTrustworthy(path: string): Promise<boolean> {
  const { cells } = await readNotebook(path);
  return cells.every((cell) => (cell.outputs ?? []).every(isHarmless));
}

/** Where the lab's JupyterLab keeps its signatures: in this folder, not in the user's home. */
export function notaryFiles(paths: SetupPaths): { database: string; secret: string } {
  const folder = join(paths.state, "jupyter");
  return { database: join(folder, "signatures.db"), secret: join(folder, "notebook_secret") };
}

/**
 * Signs notebooks whose outputs are harmless, so that JupyterLab draws their charts as vectors.
 *
 * @param notebooks Paths.
 * @returns One sentence for each notebook that was not signed.
 */
export async function trustNotebooks(
  paths: SetupPaths,
  notebooks: readonly string[],
): Promise<string[]> {
  const [good, notes]: [string[], string[]] = [[], []];
  for (const path of notebooks) {
    try {
      if (await isTrustworthy(path)) good.push(path);
      else notes.push(`${path} is not trusted: its outputs hold more than text and pictures.`);
    } catch (error) {
      notes.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (good.length === 0) return notes;
  const script = fileURLToPath(new URL("./trust_notebooks.py", import.meta.url));
  const { database, secret } = notaryFiles(paths);
  const result = await runCommand(paths.python, [script, database, secret, ...good]);
  if (!result?.success) {
    notes.push(`JupyterLab cannot sign the notebooks: ${lastLines(result?.output ?? "", 1)}`);
  }
  return notes;
}
