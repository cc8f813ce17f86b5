/** One evaluation as a page that stands alone: what was measured, on which images, and every chart. */
import { join } from "node:path";
import { readBounded } from "../../files/read_bounded.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import { escapeHtml } from "../../format/escape_html.ts";
import type { RunChart } from "../views/charts.ts";
import { figure, list, page, paragraph, section } from "./_page_parts.ts";

/** Larger than any chart. */
const MAX_CHART_BYTES = 2 ** 26;

/** Content of {@linkcode writeEvaluationPage}. */
export interface EvaluationPage {
  /** `<dataset>-<split>`, the start of the files' names. */
  readonly name: string;
  /** Name of the model. */
  readonly run: string;
  /** What was measured, a sentence each; the first says on which images. */
  readonly lines: readonly string[];
  /** The charts that were drawn, as far as their files are there. */
  readonly charts: readonly RunChart[];
}

/**
 * Writes `<name>.html` from the charts in a directory.
 *
 * @returns The page's path.
 * @throws {Error} If the page cannot be written.
 */
export async function writeEvaluationPage(
  directory: string,
  { name, run, lines: [data = "", ...lines], charts }: EvaluationPage,
): Promise<string> {
  const figures: string[] = [];
  for (const chart of charts) {
    const svg = await readBounded(join(directory, `${name}.${chart.name}.svg`), MAX_CHART_BYTES);
    if (svg !== undefined) figures.push(figure(new TextDecoder().decode(svg), chart.shows));
  }
  const title = `${run} on ${name}`;
  const body = [
    `<main>\n<h1>${escapeHtml(title)}</h1>`,
    paragraph(data),
    section("numbers", "Numbers", list(lines)),
    ...(figures.length > 0 ? [section("charts", "Charts", ...figures)] : []),
    paragraph(`All numbers: ${name}.metrics.json beside this page.`),
    `</main>`,
  ];
  const path = join(directory, `${name}.html`);
  await writeAtomically(path, page(title, body.join("\n")));
  return path;
}
