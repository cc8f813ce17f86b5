/** Pages of notebooks as students hand them in, made by nbconvert itself. */
import { join } from "node:path";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../lib/assert/mod.ts";
import {
  evidenceOf,
  exercisesOf,
  failedCell,
  orderOf,
  readEvidence,
} from "../../lib/cli/notebooks/_evidence.ts";
import { executeNotebook } from "../../lib/cli/notebooks/_execute.ts";
import { notebookText, readNotebook } from "../../lib/cli/notebooks/nbformat.ts";
import type { NotebookCell } from "../../lib/cli/notebooks/nbformat.ts";
import { writeNotebookPage } from "../../lib/cli/notebooks/_notebook_page.ts";
import { exportPage, linkPages, notebookEntries } from "../../lib/cli/notebooks/page_folder.ts";
import { writeStudentsIndex } from "../../lib/cli/notebooks/students_index.ts";
import { type SetupPaths, setupPaths } from "../../lib/cli/setup/paths.ts";
import { pageFindings } from "../../lib/pages/page_findings.ts";
import { parsePage } from "../../lib/pages/clean_html.ts";
import { encodePng } from "../../lib/plots/_png.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { cell, notebook } from "./notebook_fixture.ts";

const paths = setupPaths();

/** nbconvert takes seconds; where its work does not matter, this writes an error's cell instead. */
async function quickPaths(folder: string): Promise<SetupPaths> {
  const python = join(folder, "python");
  const cells =
    '<section class="code"><div class="output">@<pre class="stream error">1</pre>@</div></section>';
  await Deno.writeTextFile(python, `#!/bin/sh\nsed "s/@/$3/g" > "$4" <<'END'\n${cells}\nEND\n`);
  await Deno.chmod(python, 0o755);
  return { ...paths, python };
}

const PNG = encodePng(new Uint8Array(12).fill(200), [2, 2, 3]);

function ran(count: number, source: string, text = "", tags: string[] = []): NotebookCell {
  return cell("code", source, {
    execution_count: count,
    metadata: { tags },
    outputs: text === "" ? [] : [{ output_type: "stream", name: "stdout", text }],
  });
}

async function write(folder: string, name: string, cells: NotebookCell[], metadata = {}) {
  const path = join(folder, `${name}.ipynb`);
  const made = notebook(cells);
  await Deno.writeTextFile(
    path,
    notebookText({ ...made, metadata: { ...made.metadata, ...metadata } }),
  );
  return path;
}

Deno.test("a student's page holds pictures, attachments and tables for keyboard and phone", async () => {
  const folder = await temporaryFolder();
  await Deno.mkdir(join(folder, "figs"));
  await Deno.writeFile(join(folder, "figs", "my plot.png"), PNG);
  await Deno.writeTextFile(join(folder, "secret.txt"), "root:x:0");
  const markdown = "# A\n\n![one](figs/my%20plot.png) ![two](attachment:b.png) " +
    '<img src="figs/my plot.png" width="4"> ![three](gone.png) ![four](secret.txt) ' +
    "![five](/etc/hostname) ![six](https://a.invalid/c.png)";
  const source = await write(folder, "a", [
    cell("markdown", markdown, { attachments: { "b.png": { "image/png": PNG.toBase64() } } }),
    cell("markdown", "## Part $x$\n\n| run | a | b | c |\n|---|---|---|---|\n| r | 1 | 2 | 3 |"),
  ]);
  const notes = await writeNotebookPage(paths, source, join(folder, "a.html"));
  const html = await Deno.readTextFile(join(folder, "a.html"));
  assertEquals(html.split(`src="data:image/png;base64,${PNG.toBase64()}"`).length - 1, 3);
  assertEquals(notes.map((note) => note.replace(/:.*/, "")), [
    "the picture gone.png is missing",
    "the picture secret.txt is missing",
    "the picture /etc/hostname is missing",
    "the picture https",
  ]);
  assertStringIncludes(html, "[Picture missing: three]");
  assert(!html.includes("root:x"));
  assertEquals(pageFindings(html), []);
  const document = parsePage(html);
  const box = document.querySelector("figure.table > .scroll")!;
  assertEquals([box.getAttribute("tabindex"), box.getAttribute("role")], ["0", "group"]);
  assertEquals(box.querySelector('tbody th[scope="row"]')?.textContent, "r");
  const labels = [...box.querySelectorAll(".cell-label")].map(({ textContent }) => textContent);
  assertEquals(labels, ["a", "b", "c"]);
  assertEquals(document.querySelector("nav.contents a")?.getAttribute("href"), "#part-x");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the strip says who, when, on what, in what order, and what is solved", async () => {
  const cells = [
    ran(1, "openLab()", "Profile quick, procedural images, seeds 0, 1\n"),
    ran(2, "1", "Right: two.\n", ["exercise"]),
    ran(3, "2", "Not yet.\n", ["exercise"]),
  ];
  cells[0]!.outputs = [{
    output_type: "execute_result",
    data: { "text/plain": "Profile quick, procedural images, seeds 0, 1" },
  }];
  const { source, ...evidence } = await evidenceOf(notebook(cells), { author: "Ada" });
  assertMatch(source, /^[0-9a-f]{12}$/);
  assertEquals(evidence, {
    author: "Ada",
    executed: "not recorded",
    profile: "quick",
    data: "procedural images",
    seeds: "0, 1",
    order: "all 3 cells ran in order",
    exercises: "1 of 2 solved",
  });
});

Deno.test("cells that ran out of order, twice or not at all are told", () => {
  const order = (...counts: number[]) =>
    orderOf(notebook(counts.map((count) => count ? ran(count, "1") : cell("code", "1"))));
  assertEquals(order(1, 2, 3), "all 3 cells ran in order");
  assertEquals(order(4, 5, 6), "all 3 cells ran in order");
  assertEquals(order(1, 3, 2), "the 3 cells did not run in order");
  assertEquals(order(1, 4, 5), "all 3 cells ran in order, some of them more than once");
  assertEquals(order(1, 2, 0), "2 of 3 cells ran, in order");
  assertEquals(order(0, 0), "none of the 2 cells ran");
  assertEquals(exercisesOf(notebook([])), undefined);
});

const ERROR = {
  output_type: "error",
  ename: "RangeError",
  evalue: "<epsilon>",
  traceback: ["RangeError: <epsilon>"],
};

Deno.test("a failed notebook gets its page, with the error in its cell and a banner", async () => {
  const folder = await temporaryFolder();
  const failed = ran(2, "attack()");
  failed.outputs = [ERROR];
  const source = await write(folder, "a", [cell("markdown", "# A"), ran(1, "1"), failed]);
  assertEquals(failedCell(await readNotebook(source)), {
    cell: 2,
    reason: "RangeError: <epsilon>",
  });
  await exportPage(await quickPaths(folder), folder, { source, author: "Ada" });
  const html = await Deno.readTextFile(join(folder, "a.html"));
  assertStringIncludes(html, "This notebook failed at cell 2: RangeError: &lt;epsilon&gt;.");
  assertStringIncludes(html, '<pre class="stream error" id="failed">');
  const [entry] = await notebookEntries([source], folder);
  assertEquals(entry?.failure, "failed at cell 2: RangeError: <epsilon>");
  assertEquals(entry?.page, join(folder, "a.html"));
  assertEquals(readEvidence(html)?.author, "Ada");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a page of a notebook that has changed since is not linked", async () => {
  const folder = await temporaryFolder();
  const cells = [cell("markdown", "# A\n\n**Question.** How *small*?"), ran(1, "1")];
  const source = await write(folder, "1_a", cells);
  const other = await write(folder, "2_b", [cell("markdown", "# B & C")]);
  const quick = await quickPaths(folder);
  for (const one of [source, other]) await exportPage(quick, folder, { source: one });
  await linkPages(await notebookEntries([source, other], folder));
  assertStringIncludes(
    await Deno.readTextFile(join(folder, "1_a.html")),
    '<a class="next" href="2_b.html">B &amp; C →</a>',
  );
  const [before] = await notebookEntries([source], folder);
  assertEquals([before?.title, before?.question], ["A", "How small?"]);
  await write(folder, "1_a", [...cells, ran(2, "2")]);
  const [after] = await notebookEntries([source], folder);
  assertEquals(after?.page, undefined);
  assertEquals(after?.notes, ["changed since its page was made; run it again"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an export that fails leaves no earlier page", async () => {
  const folder = await temporaryFolder();
  const source = await write(folder, "a", [cell("markdown", "# A")]);
  await Deno.writeTextFile(join(folder, "a.html"), "earlier");
  const broken = { ...paths, python: join(folder, "no-python") };
  await exportPage(broken, folder, { source }).catch(() => undefined);
  assertEquals(await Deno.stat(join(folder, "a.html")).catch(() => "none"), "none");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a teacher's index lists pages by author and links none that was changed", async () => {
  const folder = await temporaryFolder();
  const quick = await quickPaths(folder);
  for (const name of ["ada", "bob", "eve"]) {
    await Deno.mkdir(join(folder, name));
    const source = await write(join(folder, name), "3_a", [cell("markdown", "# A"), ran(1, "1")]);
    const author = name === "ada" ? { author: "Ada & co" } : {};
    await exportPage(quick, join(folder, name), { source, ...author });
  }
  const eve = join(folder, "eve", "3_a.html");
  const changed = (await Deno.readTextFile(eve)).replace("</main>", "<script>1</script></main>");
  await Deno.writeTextFile(eve, changed);
  await Deno.writeTextFile(join(folder, "other.html"), "<h1>x</h1>");
  const { path, pages } = await writeStudentsIndex(folder);
  assertEquals(pages, 4);
  const html = await Deno.readTextFile(path);
  assertEquals([...html.matchAll(/href="([^"#]*)"/g)].map(([, href]) => href), [
    "ada/3_a.html",
    "bob/3_a.html",
  ]);
  for (
    const text of ["Ada &amp; co", "bob", "all 1 cells ran in order", "not a page of this lab"]
  ) {
    assertStringIncludes(html, text);
  }
  assertStringIncludes(html, "changed after its export: there is a &lt;script&gt;");
  assertEquals(pageFindings(html), []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a cell that the kernel cannot parse says where", async () => {
  const folder = await temporaryFolder();
  const source = await write(folder, "a", [
    cell("code", "const b = 1;"),
    cell("code", "const a = ;"),
  ]);
  const output = join(folder, "out", "a.ipynb");
  assertEquals(
    await executeNotebook(paths, { source, output, environment: {} }),
    "failed at cell 2: SyntaxError: Expression expected in line 1, column 11",
  );
  const { outputs } = (await readNotebook(output)).cells[1]!;
  assertEquals(outputs?.map(({ output_type }) => output_type), ["error"]);
  await Deno.remove(folder, { recursive: true });
});
