/** `deno task notebooks --index DIR`: one table over the pages that students handed in. */
import { join, relative } from "node:path";
import { writeAtomically } from "../../files/write_atomically.ts";
import { escapeHtml } from "../../format/escape_html.ts";
import { megabytes } from "../../format/megabytes.ts";
import { arrange } from "../../pages/arrange.ts";
import { selfContainedPage } from "../../pages/page.ts";
import { pageFindings } from "../../pages/page_findings.ts";
import { PAGE_STYLE } from "../../pages/page_style.ts";
import { type PageEvidence, readEvidence } from "./_evidence.ts";

const LARGEST_BYTES = 30_000_000;
const MOST_PAGES = 2000;

/** A page that was handed in. */
interface HandedIn {
  /** From the folder. */
  readonly path: string;
  readonly evidence?: PageEvidence;
  /** What a teacher should know before opening it. */
  readonly warning?: string;
}

/** The HTML files of a folder and of those in it; links are not followed. */
async function htmlFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory && !name.startsWith(".")) found.push(...await htmlFiles(path));
    else if (isFile && /\.html?$/i.test(name) && name !== "index.html") found.push(path);
    if (found.length > MOST_PAGES) {
      throw new Error(`${folder} holds more than ${MOST_PAGES} pages: name a smaller folder.`);
    }
  }
  return found.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

async function look(folder: string, file: string): Promise<HandedIn> {
  const path = relative(folder, file);
  const { size } = await Deno.stat(file);
  if (size > LARGEST_BYTES) return { path, warning: `not read: it has ${megabytes(size)}` };
  const html = await Deno.readTextFile(file);
  const evidence = readEvidence(html);
  if (evidence === undefined) return { path, warning: "not a page of this lab" };
  const [finding] = pageFindings(html);
  return {
    path,
    evidence,
    ...(finding === undefined ? {} : { warning: `changed after its export: ${finding}` }),
  };
}

const COLUMNS: readonly (readonly [title: string, value: (page: HandedIn) => string])[] = [
  ["Author", ({ path, evidence }) => evidence?.author ?? path.split(/[\\/]/).at(-2) ?? "unknown"],
  ["Cells", ({ evidence }) => evidence?.order ?? "–"],
  ["Exercises", ({ evidence }) => evidence?.exercises ?? "–"],
  ["Failed", ({ evidence }) => evidence?.failed ?? "no"],
  ["Executed", ({ evidence }) => evidence?.executed ?? "–"],
  ["Profile", ({ evidence }) => evidence?.profile ?? "–"],
  ["Data", ({ evidence }) => evidence?.data ?? "–"],
  ["Seeds", ({ evidence }) => evidence?.seeds ?? "–"],
  ["Commit", ({ evidence }) => evidence?.commit?.replace(/^([0-9a-f]{10})[0-9a-f]*/, "$1") ?? "–"],
  ["Note", ({ warning }) => warning ?? ""],
];

function row(page: HandedIn): string {
  const href = escapeHtml(encodeURI(page.path.replaceAll("\\", "/")));
  const title = escapeHtml(page.evidence?.title ?? page.path);
  // A page that is not the lab's may do what it likes when it is opened: it is named, not linked.
  const name = page.warning === undefined
    ? `<a href="${href}">${title}</a>`
    : escapeHtml(page.path);
  const cells = COLUMNS.map(([, value]) => `<td>${escapeHtml(value(page))}</td>`);
  return `<tr><th scope="row">${name}</th>${cells.join("")}</tr>`;
}

/**
 * Writes `index.html` over the pages in a folder, e.g. one folder a student. What the strips say is taken
 * from the pages and proves nothing: run what matters again.
 *
 * @param folder Where the pages lie, at any depth.
 * @returns The index page, and how many pages it lists.
 * @throws {Error} If there is no page.
 */
export async function writeStudentsIndex(
  folder: string,
): Promise<{ path: string; pages: number }> {
  const files = await htmlFiles(folder);
  if (files.length === 0) throw new Error(`There are no pages in ${folder}.`);
  const pages: HandedIn[] = [];
  for (const file of files) pages.push(await look(folder, file));
  const heads = ["Page", ...COLUMNS.map(([title]) => title)];
  const table =
    `<table><caption>What each page says of itself; it proves nothing. Pages that were ` +
    `changed after their export are named and not linked.</caption><thead><tr>` +
    `${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead><tbody>` +
    `${pages.map(row).join("\n")}</tbody></table>`;
  const { body } = arrange(table);
  const path = join(folder, "index.html");
  await writeAtomically(
    path,
    selfContainedPage({
      title: "Pages handed in",
      styles: [PAGE_STYLE],
      body: `<header><h1>Pages handed in</h1></header>\n<main>\n${body}\n</main>`,
    }),
  );
  return { path, pages: pages.length };
}
