import type { Notebook, NotebookCell } from "../../lib/cli/notebooks/nbformat.ts";

let ids = 0;

/** A cell with an id of its own. */
export function cell(
  cell_type: NotebookCell["cell_type"],
  source: string,
  extra: Partial<NotebookCell> = {},
): NotebookCell {
  return { id: `cell-${ids++}`, cell_type, source, metadata: {}, ...extra };
}

/** A notebook of some cells. */
export function notebook(cells: NotebookCell[]): Notebook {
  return { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: "deno" } }, cells };
}

export const FIRST_CELL =
  `const opener = await import("../lib/open_library.ts").catch(() => undefined);
if (!opener) console.log("Keep it in the project's notebooks/ folder.");
const library = await opener?.openLibrary();`;

/** A notebook without a finding. */
export function wellFormed(): Notebook {
  return notebook([
    cell("markdown", "# A question"),
    cell("code", FIRST_CELL, { outputs: [] }),
    cell("code", "const epsilon = 8 / 255;", { outputs: [], metadata: { tags: ["parameters"] } }),
    cell("code", "chart", {
      outputs: [{ output_type: "display_data", data: { "image/svg+xml": "<svg></svg>" } }],
    }),
    cell("markdown", "The figure shows."),
  ]);
}
