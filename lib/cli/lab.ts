/** `deno task lab`: JupyterLab in the project's Python environment, with the Deno kernel. */
import { join } from "node:path";
import { setupPaths } from "./setup/paths.ts";

const paths = setupPaths();
const child = new Deno.Command(paths.python, {
  args: [
    ...["-m", "jupyterlab", "--notebook-dir", paths.root],
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
