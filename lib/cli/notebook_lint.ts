/** Checks the committed notebooks, and with `--pages DIR` also the pages made from them. */
import { basename, join } from "node:path";
import { Command } from "commander";
import { parsePage } from "../pages/clean_html.ts";
import { pageFindings } from "../pages/page_findings.ts";
import { lintNotebook } from "./notebooks/lint.ts";
import { readNotebook } from "./notebooks/nbformat.ts";
import { findNotebooks } from "./notebooks/run_notebooks.ts";
import { setupPaths } from "./setup/paths.ts";

async function lintPage(path: string): Promise<string[]> {
  const html = await Deno.readTextFile(path);
  const found = pageFindings(html);
  if (parsePage(html).querySelector("pre.stream.error")) found.push("there is an error output");
  return found.map((text) => `${basename(path)}: ${text}`);
}

async function main(): Promise<number> {
  const paths = setupPaths();
  const flags = new Command("notebook_lint")
    .description("Checks the notebooks' form.")
    .option("--pages <dir>", "also check the pages in this folder")
    .parse(Deno.args, { from: "user" })
    .opts<{ pages?: string }>();
  const notebooks = await findNotebooks(join(paths.root, "notebooks"));
  const findings: string[] = [];
  for (const path of notebooks) findings.push(...lintNotebook(path, await readNotebook(path)));
  let pages = 0;
  for await (const { name } of flags.pages ? Deno.readDir(flags.pages) : []) {
    if (!name.endsWith(".html")) continue;
    pages++;
    findings.push(...await lintPage(join(flags.pages!, name)));
  }
  for (const finding of findings) console.error(finding);
  const checked = `${notebooks.length} notebooks${flags.pages ? ` and ${pages} pages` : ""}`;
  console.log(`Checked ${checked}: ${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  Deno.exit(1);
}
