import type { Notebook, NotebookCell } from "../../lib/cli/notebooks/nbformat.ts";
import { cell, notebook } from "../cli/notebook_fixture.ts";
import { hostileDrawings, hostileLinks, hostileMarkup } from "./_hostile.ts";

function output(data: Record<string, unknown>): NotebookCell {
  const outputs = [{ output_type: "display_data", data, metadata: {} }];
  return cell("code", "show", { outputs, execution_count: null });
}

function said(text: string): NotebookCell {
  const outputs = [{ output_type: "stream", name: "stdout", text }];
  return cell("code", text, { outputs, execution_count: null });
}

function failed(text: string): NotebookCell {
  const outputs = [{ output_type: "error", ename: text, evalue: text, traceback: [text] }];
  return cell("code", "fail", { outputs, execution_count: null });
}

/** Places of a notebook beside outputs of HTML and SVG, each with the same markup in it. */
function elsewhere(at: string): Record<string, NotebookCell> {
  const evil = `"'><img src="${at}/else.png" onerror=alert(1)><script>alert(1)</script>`;
  const address =
    `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='${at}/d.png'/></svg>`;
  return {
    "stream text": said(`\x1b[31m${evil}\x1b[0m \x1b]8;;${at}\x07${evil}`),
    "error traceback": failed(`\x1b[0;31m${evil}\x1b[0m`),
    "plain text": output({ "text/plain": evil }),
    "markdown output": output({ "text/markdown": `# ${evil}\n\n![a](${at}/md.png)` }),
    "markdown image": cell("markdown", `![${evil}](${at}/cell.png "${evil}")`),
    "markdown heading": cell("markdown", `# ${evil}`),
    "markdown link": cell(
      "markdown",
      `[a](javascript:alert(1)) <javascript:alert(1)> [b](<data:text/html,a>)`,
    ),
    "markdown code": cell("markdown", '```"><script>\n' + evil + "\n```"),
    "an address that is an SVG document": cell("markdown", `<img src="${address}">`),
    "base64 that ends the attribute": output({ "image/png": evil }),
    "alternative text": output({ "image/png": "AA==", "text/plain": evil }),
    "alternative text of a drawing": output({ "image/svg+xml": "<svg", "text/plain": evil }),
    "attachment of a wrong type": cell(
      "markdown",
      "![a](attachment:a.png) ![b](attachment:b.png)",
      {
        attachments: {
          "a.png": { "text/html": btoa(evil) },
          "b.png": { [`image/png" onerror="alert(1)`]: btoa(evil) },
        },
      },
    ),
    script: output({ "application/javascript": `alert(1)`, "text/plain": "a" }),
    latex: output({ "text/latex": `$\\href{javascript:alert(1)}{a}$ ${evil}`, "text/plain": "a" }),
    "unknown type": output({ "text/x-evil": evil, "application/vnd.evil+json": { evil } }),
    raw: cell("raw", evil, { metadata: { format: "text/html", raw_mimetype: "text/html" } }),
    "cell id": { ...cell("markdown", "a"), id: "x-onerror" },
  };
}

/** One notebook, and the texts that its page must show, in order. */
export interface HostileNotebook {
  readonly notebook: Notebook;
  readonly markers: readonly string[];
}

/**
 * Makes a notebook in which everything hostile stands as an output and as prose, each followed by a
 * text of its own.
 *
 * @param at Where what is fetched would come from.
 */
export function hostileNotebook(at: string): HostileNotebook {
  const cells: NotebookCell[] = [];
  const markers: string[] = [];
  const add = (next: NotebookCell) => {
    const marker = `Marker ${markers.length}.`;
    markers.push(marker);
    cells.push(next, cell("markdown", marker));
  };
  for (const markup of Object.values({ ...hostileMarkup(at), ...hostileLinks(at) })) {
    add(output({ "text/html": markup }));
    add(cell("markdown", markup));
  }
  for (const svg of Object.values(hostileDrawings(at))) add(output({ "image/svg+xml": svg }));
  for (const next of Object.values(elsewhere(at))) add(next);
  const made = notebook(cells);
  const title = `</title><script>alert(1)</script><img src="${at}/title.png">`;
  const kernelspec = { name: "deno", display_name: title };
  return { notebook: { ...made, metadata: { kernelspec, title } }, markers };
}
