/**
 * `deno task soak`, last part: runs every notebook's cells twice in one kernel, as somebody does who
 * presses "Run all" again. The quick profile's runs come from the cache where they have been made.
 */
import { basename, join } from "node:path";
import { executeNotebook } from "../../lib/cli/notebooks/execute.ts";
import { readNotebook } from "../../lib/cli/notebooks/nbformat.ts";
import { findNotebooks } from "../../lib/cli/notebooks/run_notebooks.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";

const paths = setupPaths();
const folder = await Deno.makeTempDir();
let failed = 0;
for (const source of await findNotebooks(join(paths.root, "notebooks"))) {
  const notebook = await readNotebook(source);
  const again = notebook.cells.map((cell) => ({ ...cell, id: `${cell.id}-again` }));
  const doubled = join(paths.root, "notebooks", `.twice-${basename(source)}`);
  await Deno.writeTextFile(
    doubled,
    JSON.stringify({ ...notebook, cells: [...notebook.cells, ...again] }),
  );
  try {
    const failure = await executeNotebook(paths, {
      source: doubled,
      output: join(folder, basename(source)),
      environment: { LAB_PROFILE: "quick" },
    });
    console.log(`${basename(source)} twice in one kernel: ${failure ?? "no error"}`);
    if (failure !== undefined) failed++;
  } finally {
    await Deno.remove(doubled);
  }
}
await Deno.remove(folder, { recursive: true });
if (failed > 0) Deno.exit(1);
