import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../lib/assert/mod.ts";
import { executeNotebook, type ExecutionEvent } from "../../lib/cli/notebooks/_execute.ts";
import { writeNotebookPage } from "../../lib/cli/notebooks/_notebook_page.ts";
import { progressLine } from "../../lib/terminal/progress.ts";
import { notebookText, readNotebook } from "../../lib/cli/notebooks/nbformat.ts";
import { publishableText } from "../../lib/cli/notebooks/publishable.ts";
import {
  findNotebooks,
  notebookEnvironment,
  runNotebooks,
} from "../../lib/cli/notebooks/run_notebooks.ts";
import { remainingSeconds } from "../../lib/cli/notebooks/_timings.ts";
import { type SetupPaths, setupPaths } from "../../lib/cli/setup/paths.ts";
import { pageFindings } from "../../lib/pages/page_findings.ts";
import { cell, notebook, wellFormed } from "./notebook_fixture.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** A project whose Python is a shell script. */
async function projectWithPython(script: string): Promise<SetupPaths> {
  const paths = setupPaths(await temporaryFolder());
  const python = join(paths.root, "python");
  await Deno.writeTextFile(python, `#!/bin/sh\n${script}\n`);
  await Deno.chmod(python, 0o755);
  return { ...paths, python };
}

const TWO_CELLS = `
echo '{"event":"start","cell":1,"cells":2}'
echo '{"event":"done","cell":1,"cells":2,"seconds":1.5}'
echo '{"event":"start","cell":2,"cells":2}'`;

Deno.test("each cell of a running notebook is told, and the settings reach the kernel", async () => {
  const paths = await projectWithPython(`${TWO_CELLS}
echo '{"event":"done","cell":2,"cells":2,"seconds":0.5}'
echo "$LAB_PROFILE $2 $3 $4" > "$0.said"`);
  const events: ExecutionEvent[] = [];
  const failure = await executeNotebook(paths, {
    source: "/n/1_a.ipynb",
    output: "/o/1_a.ipynb",
    environment: { LAB_PROFILE: "quick" },
    onEvent: (event) => events.push(event),
  });
  assertEquals(failure, undefined);
  assertEquals(events.map(({ event }) => event), ["start", "done", "start", "done"]);
  assertEquals(
    await Deno.readTextFile(`${paths.python}.said`),
    "quick /n/1_a.ipynb /n /o/1_a.ipynb\n",
  );
});

Deno.test("a failing cell's error is the failure", async () => {
  const paths = await projectWithPython(`${TWO_CELLS}
echo '{"event":"failed","reason":"RangeError: epsilon"}'; exit 1`);
  const execution = { source: "/n/a.ipynb", output: "/o/a.ipynb", environment: {} };
  assertEquals(await executeNotebook(paths, execution), "RangeError: epsilon");
});

Deno.test("the failing cell is named", async () => {
  const paths = await projectWithPython(
    `echo '{"event":"failed","reason":"RangeError: epsilon","cell":7}'; exit 1`,
  );
  const execution = { source: "/n/a.ipynb", output: "/o/a.ipynb", environment: {} };
  assertEquals(await executeNotebook(paths, execution), "failed at cell 7: RangeError: epsilon");
});

Deno.test("a runner that dies without a word is a failure with its last lines", async () => {
  const paths = await projectWithPython(`echo "No module named nbclient" >&2; exit 3`);
  const execution = { source: "/n/a.ipynb", output: "/o/a.ipynb", environment: {} };
  const failure = await executeNotebook(paths, execution);
  assertEquals(failure, "the notebook runner ended with 3: No module named nbclient");
});

Deno.test("an interrupt reaches the runner and is told as such", async () => {
  const paths = await projectWithPython(
    `trap 'exit 1' INT; ${TWO_CELLS}; while :; do sleep 0.05; done`,
  );
  const controller = new AbortController();
  const failure = await executeNotebook(paths, {
    source: "/n/a.ipynb",
    output: "/o/a.ipynb",
    environment: {},
    onEvent: ({ event }) => event === "done" && controller.abort(),
    signal: controller.signal,
  });
  assertEquals(failure, "interrupted");
});

Deno.test("one failing notebook does not keep the next from running", async () => {
  const paths = await projectWithPython(`case "$2" in *1_a*) exit 1;; esac`);
  const folder = join(paths.root, "notebooks");
  await Deno.mkdir(folder);
  for (const name of ["1_a", "2_b"]) {
    await Deno.writeTextFile(join(folder, `${name}.ipynb`), notebookText(wellFormed()));
  }
  const [finished, failed]: [string[], string[]] = [[], []];
  let text = "";
  const outcomes = await runNotebooks(paths, {
    notebooks: await findNotebooks(folder),
    settings: { profile: "quick" },
    line: progressLine({ stream: { write: (part) => text += part } }),
    onExecuted: ({ name }) => Promise.resolve(void finished.push(name)),
    onFailed: ({ name }) => Promise.resolve(void failed.push(name)),
  });
  assertEquals(outcomes.map(({ name, failure }) => [name, failure === undefined]), [
    ["1_a", false],
    ["2_b", true],
  ]);
  assertEquals([finished, failed], [["2_b"], ["1_a"]]);
  assertStringIncludes(text, "1_a  FAILED after 0 s");
});

Deno.test("notebooks are found by number, in numerical order", async () => {
  const folder = await temporaryFolder();
  for (const name of ["10_c", "2_b", "1_a"]) {
    await Deno.writeTextFile(`${folder}/${name}.ipynb`, "");
  }
  const names = async (only?: string[]) =>
    (await findNotebooks(folder, only)).map((path) => path.slice(folder.length + 1, -6));
  assertEquals(await names(), ["1_a", "2_b", "10_c"]);
  assertEquals(await names(["1"]), ["1_a"]);
  await assertRejects(() => findNotebooks(folder, ["3"]), Error, "There is no notebook 3");
  await Deno.remove(folder, { recursive: true });
  await assertRejects(() => findNotebooks(folder), Error, "There are no notebooks");
});

Deno.test("a data folder without the datasets' files is refused by name", async () => {
  const data = await temporaryFolder();
  await assertRejects(
    () => notebookEnvironment({ profile: "quick", data }),
    Error,
    "MNIST/train-images-idx3-ubyte.gz",
  );
  assertEquals(await notebookEnvironment({ profile: "full", seeds: [0, 2] }), {
    LAB_PROFILE: "full",
    LAB_SEEDS: "0,2",
  });
});

Deno.test("the remaining time is unknown before the first cell of a first run", () => {
  assertEquals(remainingSeconds({ a: 2 }, { a: [] }, {}, 0), undefined);
  assertEquals(remainingSeconds({ a: 2 }, { a: [] }, { a: [3, 4] }, 10), 0);
});

Deno.test("the remaining time follows what the running cell says of itself", async () => {
  const cells = { a: 3, b: 1 };
  // Two cells of a second each, then one that trains for 14 minutes, then one of the mean.
  assertEquals(remainingSeconds(cells, { a: [1, 1] }, {}, 6), 0);
  assertEquals(remainingSeconds(cells, { a: [1, 1] }, {}, 6, 840), 841);
  assertEquals(remainingSeconds(cells, { a: [1, 1] }, { a: [1, 1, 9], b: [20] }, 6, 840), 860);

  const paths = await projectWithPython(`${TWO_CELLS}
echo '{"event":"progress","cell":2,"secondsLeft":840}'`);
  const told: ExecutionEvent[] = [];
  await executeNotebook(paths, {
    ...{ source: "/n/1_a.ipynb", output: "/o/1_a.ipynb", environment: {} },
    onEvent: (event) => told.push(event),
  });
  assertEquals(told.at(-1), { event: "progress", cell: 2, secondsLeft: 840 });
});

Deno.test("writing a notebook that was read changes nothing that Jupyter reads", async () => {
  const path = `${await temporaryFolder()}/a.ipynb`;
  const written = notebookText(notebook([cell("markdown", "# a\n\nb")]));
  await Deno.writeTextFile(path, written);
  assertEquals(notebookText(await readNotebook(path)), written);
  assertEquals(JSON.parse(written).cells[0].source, ["# a\n", "\n", "b"]);
});

Deno.test("a file that is no notebook is named", async () => {
  const path = `${await temporaryFolder()}/a.ipynb`;
  await Deno.writeTextFile(path, `{"nbformat":3}`);
  await assertRejects(() => readNotebook(path), Error, `${path} is not a Jupyter notebook`);
});

/** A project whose nbconvert writes a body, with @ for the boundary. */
async function projectWithBody(body: string): Promise<SetupPaths> {
  const paths = await projectWithPython(`sed "s/@/$3/g" > "$4" <<'END'\n${body}\nEND`);
  return { ...paths, root: setupPaths().root };
}

/** The page of a notebook of one markdown cell. */
async function pageOf(paths: SetupPaths, markdown: string): Promise<string> {
  const folder = await temporaryFolder();
  const source = `${folder}/a.ipynb`;
  await Deno.writeTextFile(source, notebookText(notebook([cell("markdown", markdown)])));
  await writeNotebookPage(paths, source, `${folder}/a.html`);
  const html = await Deno.readTextFile(`${folder}/a.html`);
  await Deno.remove(folder, { recursive: true });
  return html;
}

Deno.test("a page holds the formulas as MathML and nothing to fetch", async () => {
  const paths = await projectWithBody("@<p>formula1z</p>@");
  const html = await pageOf(paths, "# The *price* of $x$\n\n$$x^2$$");
  assertStringIncludes(html, '<math display="block"');
  assertStringIncludes(html, "<title>The price of</title>");
  assertStringIncludes(html, "data:font/woff2;base64,");
  assert(!html.includes("formula1z"));
  assertEquals(pageFindings(html), []);
});

Deno.test("a piece of a page that closes nothing, or too much, leaves the next where it is", async () => {
  const open = '@<b><!-- a@<p id="x">1</p>@</main></div><table><td>b@<p id="y">2</p>';
  const html = await pageOf(await projectWithBody(open), "# A");
  assertStringIncludes(
    html,
    '<b></b><p id="x">1</p><figure class="table"><div class="scroll" role="group" tabindex="0" ' +
      'aria-label="Table 1"><table><tbody><tr><td>b</td></tr></tbody></table></div></figure>' +
      '<p id="y">2</p>\n\n</main>',
  );
});

Deno.test("what a page may not hold is left out of it", async () => {
  const paths = await projectWithBody(
    '<i>1</i>@<script src="x.js"></script><p onclick="a()">b</p>@<i>2</i>',
  );
  assertStringIncludes(await pageOf(paths, "# A"), "<i>1</i><p>b</p><i>2</i>");
});

Deno.test("a published notebook keeps its outputs, loses the machine's path, and is checked", async () => {
  const root = await temporaryFolder();
  const path = `${root}/1_a.ipynb`;
  const good = wellFormed();
  good.cells[1]!.outputs = [{ output_type: "stream", name: "stdout", text: `in ${root}/data` }];
  await Deno.writeTextFile(path, notebookText(good));
  assertStringIncludes(await publishableText(path, root), `"in data"`);
  good.cells[1]!.outputs = [{
    output_type: "error",
    ename: "RangeError",
    evalue: "",
    traceback: [],
  }];
  await Deno.writeTextFile(path, notebookText(good));
  await assertRejects(() => publishableText(path, root), Error, "has an error output");
  good.cells[1]!.outputs = [{ output_type: "stream", name: "stdout", text: "x".repeat(3_000_001) }];
  await Deno.writeTextFile(path, notebookText(good));
  await assertRejects(() => publishableText(path, root), Error, "at most 3.0 MB");
});
