/**
 * `deno task soak`, last part: runs every notebook's cells twice in one kernel, as somebody does who
 * presses "Run all" again. The quick profile's runs come from the cache where they have been made.
 */
import { basename, join } from "node:path";
import { executeNotebook } from "../../lib/cli/notebooks/_execute.ts";
import { readNotebook } from "../../lib/cli/notebooks/nbformat.ts";
import { findNotebooks } from "../../lib/cli/notebooks/run_notebooks.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { interruptible } from "../../lib/terminal/interrupt.ts";
import { withScratchFolder } from "../../lib/files/scratch_folder.ts";

const paths = setupPaths();
const notebooks = join(paths.root, "notebooks");

/** Undefined, or why a cell failed. */
async function runTwice(
  source: string,
  folder: string,
  signal: AbortSignal,
): Promise<string | undefined> {
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
      signal,
    });
  } finally {
    await Deno.remove(doubled);
  }
}

/** How many notebooks fail. */
async function runAllTwice(folder: string, signal: AbortSignal): Promise<number> {
  let failed = 0;
  for (const source of await findNotebooks(notebooks)) {
    const failure = await runTwice(source, folder, signal);
    console.log(`${basename(source)} twice in one kernel: ${failure ?? "no error"}`);
    if (failure !== undefined) failed++;
    if (signal.aborted) break;
  }
  return failed;
}

// An interrupt must leave no doubled notebook behind: it would count as one of the lab's.
const failed = await interruptible((signal) =>
  withScratchFolder(join(notebooks, "html"), (folder) => runAllTwice(folder, signal))
);
if (failed > 0) Deno.exit(1);
