/** `deno task lab`: JupyterLab in the project's Python environment, with the Deno kernel. */
import { join } from "node:path";
import { findNotebooks } from "./notebooks/run_notebooks.ts";
import { notaryFiles, trustNotebooks } from "./notebooks/trust.ts";
import { setupPaths } from "./setup/paths.ts";

const paths = setupPaths();
const own = await findNotebooks(join(paths.root, "notebooks")).catch(() => []);
for (const note of await trustNotebooks(paths, own)) console.error(note);
const notary = notaryFiles(paths);
const child = new Deno.Command(paths.python, {
  args: [
    ...["-m", "jupyterlab", "--notebook-dir", paths.root],
    `--NotebookNotary.db_file=${notary.database}`,
    `--NotebookNotary.secret_file=${notary.secret}`,
    ...["--MappingKernelManager.default_kernel_name=deno", ...Deno.args],
  ],
  cwd: paths.root,
  env: {
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_RUNTIME_DIR: join(paths.state, "jupyter"),
  },
}).spawn();
// Ctrl-C reaches JupyterLab as well, which asks whether to stop; this process waits for its answer.
Deno.addSignalListener("SIGINT", () => {});
Deno.exit((await child.status).code);
