import { basename, join } from "node:path";
import { assert, assertEquals, assertMatch } from "../../lib/assert/mod.ts";
import { notebookText } from "../../lib/cli/notebooks/nbformat.ts";
import type { NotebookOutput } from "../../lib/cli/notebooks/nbformat.ts";
import { findNotebooks } from "../../lib/cli/notebooks/run_notebooks.ts";
import { isTrustworthy, notaryFiles, trustNotebooks } from "../../lib/cli/notebooks/trust.ts";
import { setupPaths } from "../../lib/cli/setup/paths.ts";
import { runCommand } from "../../lib/cli/setup/run_command.ts";
import { hostileNotebook } from "../pages/_hostile_notebook.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { cell, notebook } from "./notebook_fixture.ts";

const checkout = setupPaths();

const IS_SIGNED = `import sys, nbformat
from nbformat.sign import NotebookNotary
notary = NotebookNotary(db_file=sys.argv[1], secret_file=sys.argv[2])
print([notary.check_signature(nbformat.read(path, as_version=4)) for path in sys.argv[3:]])`;

async function withOutput(folder: string, output: NotebookOutput): Promise<string> {
  const path = join(folder, "a.ipynb");
  await Deno.writeTextFile(
    path,
    notebookText(notebook([cell("code", "1", { outputs: [output] })])),
  );
  return path;
}

Deno.test("JupyterLab may trust each of the lab's own notebooks", async () => {
  for (const path of await findNotebooks(join(checkout.root, "notebooks"))) {
    assert(await isTrustworthy(path), basename(path));
  }
});

Deno.test("outputs that could run something are not trusted", async () => {
  const folder = await temporaryFolder();
  const shown = (data: Record<string, unknown>) => ({ output_type: "display_data", data });
  for (
    const [data, expected] of [
      [{ "text/plain": "<script>", "image/png": "AA==" }, true],
      [{ "text/html": "<table><tbody><tr><td>1</td></tr></tbody></table>" }, true],
      [{ "text/html": "<img src=x onerror=alert(1)>" }, false],
      [{ "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>" }, false],
      [{ "text/markdown": "**a**" }, true],
      [{ "text/markdown": "<script>1</script>" }, false],
      [{ "application/javascript": "alert(1)" }, false],
      [{ "application/vnd.jupyter.widget-view+json": {} }, false],
    ] as const
  ) {
    const path = await withOutput(folder, shown(data));
    assertEquals(await isTrustworthy(path), expected, JSON.stringify(data));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("signing takes the harmless notebooks, names the others and leaves the home alone", async () => {
  const folder = await temporaryFolder();
  const paths = { ...checkout, state: join(folder, "state") };
  const good = await withOutput(folder, { output_type: "stream", name: "stdout", text: "1" });
  const bad = join(folder, "b.ipynb");
  await Deno.writeTextFile(bad, notebookText(hostileNotebook("http://127.0.0.1:1").notebook));
  const [note, ...others] = await trustNotebooks(paths, [good, bad]);
  assertMatch(note!, /b\.ipynb is not trusted: its outputs hold more than text and pictures\./);
  assertEquals(others, []);
  const { database, secret } = notaryFiles(paths);
  const checked = await runCommand(paths.python, ["-c", IS_SIGNED, database, secret, good, bad]);
  assertEquals(checked?.stdout, "[True, False]\n");
  await Deno.remove(folder, { recursive: true });
});
