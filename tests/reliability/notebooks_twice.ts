/**
 * `deno task soak`, last part: runs every notebook's cells twice in one kernel, as somebody does who
 * presses "Run all" again. The quick profile's runs come from the cache where they have been made.
 */
import { basename, join } from "node:path";
import { executeNotebook } from "../../lib/cli/notebooks/execute.ts";
import { readNotebook } from "../../lib/cli/notebooks/nbformat.ts";
import { findNotebooks } from "../../lib/cli/notebooks/run_notebooks.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { withScratchFolder } from "../../lib/files/scratch_folder.ts";

const paths = setupPaths();
const notebooks = join(paths.root, "notebooks");

/** Undefined, or why a cell failed. */
async function runTwice(source: string, folder: string): Promise<string | undefined> {
  const notebook = await readNotebook(source);
  const again = notebook.cells.map((cell) => ({ ...cell, id: `${cell.id}-again` }));
  // Beside the notebooks, since their imports are relative.
  const doubled = join(notebooks, `.twice-${basename(source)}`);
  const cells = [...notebook.cells, ...again];
  await Deno.writeTextFile(doubled, JSON.stringify({ ...notebook, cells }));
  try {
    return await executeNotebook(paths, {
      source: doubled,
      output: join(folder, basename(source)),
      environment: { LAB_PROFILE: "quick" },
    });
  } finally {
    await Deno.remove(doubled);
  }
}

let failed = 0;
await withScratchFolder(join(notebooks, "html"), async (folder) => {
  for (const source of await findNotebooks(notebooks)) {
    const failure = await runTwice(source, folder);
    console.log(`${basename(source)} twice in one kernel: ${failure ?? "no error"}`);
    if (failure !== undefined) failed++;
  }
});
if (failed > 0) Deno.exit(1);
