/** README.md and docs/*.md: generated parts are current, links lead somewhere, README stays short. */
import { dirname, join, normalize } from "node:path";
import { documents, expectedDocuments, writeDocuments } from "../../../lib/cli/readme/documents.ts";
import { blockNames, withBlock } from "../../../lib/cli/readme/_marker_blocks.ts";
import { resultsBlock } from "../../../lib/cli/readme/_results.ts";
import { summaryBlock } from "../../../lib/cli/readme/_summary.ts";
import { loadRecords } from "../../../lib/experiments/records/record.ts";
import { checkoutRoot, publishedPaths } from "../../../lib/experiments/records/run_paths.ts";
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "../../../lib/assert/mod.ts";
import { withFolder } from "../../experiments/synthetic_run.ts";

const root = checkoutRoot();

/** Every hand-written Markdown page: those at the top, and docs/, data/, examples/. */
async function pages(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ["", "docs", "data", "examples"]) {
    for await (const { name, isFile } of Deno.readDir(join(root, folder))) {
      if (isFile && name.endsWith(".md")) found.push(join(folder, name));
    }
  }
  return found.sort();
}

/** The text without fenced code and code spans, in which brackets are no links. */
function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "`");
}

/** GitHub's anchors of the headings of a page. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

/** Links of a page that lead nowhere. */
async function brokenLinks(page: string, text: string): Promise<string[]> {
  const broken: string[] = [];
  for (const [, target] of prose(text).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target!)) continue;
    const [file, anchor] = target!.split("#") as [string, string | undefined];
    const path = file === "" ? page : normalize(join(dirname(page), file));
    const there = await Deno.stat(join(root, path)).catch(() => undefined);
    const heads = anchor === undefined || there === undefined
      ? []
      : anchors(await Deno.readTextFile(join(root, path)));
    if (there === undefined || (anchor !== undefined && !heads.includes(anchor))) {
      broken.push(`${page}: ${target}`);
    }
  }
  return broken;
}

Deno.test("the generated parts of README and docs are current", async () => {
  const stale = (await expectedDocuments(root)).filter(({ found, expected }) => found !== expected);
  assertEquals(stale.map(({ path }) => path), [], "stale documents; run: deno task readme");
});

Deno.test("every block of a page has a generator, and every generator a block", async () => {
  for (const page of await pages()) {
    const names = blockNames(await Deno.readTextFile(join(root, page)));
    assertEquals(names, Object.keys(documents[page] ?? {}), page);
  }
});

Deno.test("a stale document is written, a current one is left alone", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/docs`);
    const page = (content: string) =>
      `# Results\n<!-- results:begin -->\n${content}\n<!-- results:end -->\n`;
    await Deno.writeTextFile(`${folder}/docs/results.md`, page("old"));
    assertEquals(await writeDocuments(folder), ["docs/results.md"]);
    assertEquals(
      await Deno.readTextFile(`${folder}/docs/results.md`),
      page("No run is published yet."),
    );
    assertEquals(await writeDocuments(folder), []);
    assertEquals((await Array.fromAsync(Deno.readDir(`${folder}/docs`))).length, 1);
  }));

Deno.test("a folder without documents stays without", () =>
  withFolder(async (folder) => {
    assertEquals(await writeDocuments(folder), []);
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  }));

Deno.test("a document without markers is refused by name", () => {
  assertThrows(
    () => withBlock("docs/results.md", "text", "results", "x"),
    Error,
    "docs/results.md lacks the markers <!-- results:begin -->",
  );
});

Deno.test("without published runs the tables say so", () => {
  assert(resultsBlock([]).startsWith("No run is published"));
  assert(summaryBlock([]).startsWith("No run is published"));
});

Deno.test("README's table has at most eight rows, which lead to all five notebooks", async () => {
  const table = summaryBlock(await loadRecords(publishedPaths(root).records));
  const rows = table.split("\n").filter((line) => line.startsWith("| ["));
  assert(rows.length > 4 && rows.length <= 8, `${rows.length} rows`);
  for (const notebook of [1, 2, 3, 4, 5]) {
    assert(rows.some((row) => row.startsWith(`| [${notebook}](`)), `notebook ${notebook}`);
  }
});

Deno.test("the numbers of images in README and docs/results.md are the records'", async () => {
  const records = await loadRecords(publishedPaths(root).records);
  const [readme, results] = await Promise.all(
    ["README.md", "docs/results.md"].map((page) => Deno.readTextFile(join(root, page))),
  );
  const counted = (value: number) => value.toLocaleString("en-US");
  for (const id of ["mnist-train", "svhn-baseline", "cifar-base"]) {
    const { config: { trainImages, validationImages }, metrics } = records.find((run) =>
      run.id === id
    )!;
    const training = counted(trainImages + validationImages);
    assertStringIncludes(results!, `${training} / ${counted(metrics.n)}`, id);
    if (id !== "mnist-train") assertStringIncludes(readme!, training, id);
  }
});

Deno.test("README has at most 150 lines", async () => {
  const lines = (await Deno.readTextFile(join(root, "README.md"))).split("\n").length - 1;
  assert(lines <= 150, `README.md has ${lines} lines`);
});

Deno.test("every link between the pages leads to a file and a heading", async () => {
  const all = await pages();
  assert(all.includes("README.md") && all.includes("docs/verification.md"));
  const broken = await Promise.all(
    all.map(async (page) => brokenLinks(page, await Deno.readTextFile(join(root, page)))),
  );
  assertEquals(broken.flat(), []);
});

Deno.test("a link to a missing file or heading is found, a link inside code is not", async () => {
  const text = "[a](docs/speed.md) [b](none.md) [c](#there) [d](#none)\n# There\n`[e](f)`\n";
  assertEquals(await brokenLinks("README.md", text.replaceAll("#there", "docs/speed.md#speed")), [
    "README.md: none.md",
    "README.md: #none",
  ]);
});

Deno.test("README names every task that a user starts", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const readme = await Deno.readTextFile(join(root, "README.md"));
  const shown = new Set([...readme.matchAll(/deno task ([\w:]+)/g)].map(([, name]) => name));
  const missing = Object.keys(tasks).filter((task) => !shown.has(task));
  assertEquals(missing, ["soak", "check", "sbom", "advisories"]); // in docs/security.md and CONTRIBUTING.md
});
