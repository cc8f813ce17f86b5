/** Small pieces of the report's HTML. */
import { escapeHtml } from "../../format/escape_html.ts";
import { arrange, contents } from "../../pages/arrange.ts";
import { selfContainedPage } from "../../pages/page.ts";
import { PAGE_STYLE } from "../../pages/page_style.ts";

/** A section with a heading that can be linked to. */
export function section(id: string, heading: string, ...parts: readonly string[]): string {
  return `<section id="${id}">\n<h2>${escapeHtml(heading)}</h2>\n${parts.join("\n")}\n</section>`;
}

/** A paragraph of plain text. */
export function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

/** A list of plain texts. */
export function list(items: readonly string[], tag: "ul" | "ol" = "ul"): string {
  const rows = items.map((item) => `<li>${escapeHtml(item)}</li>`).join("\n");
  return `<${tag}>\n${rows}\n</${tag}>`;
}

/** A chart with its paragraph. */
export function figure(svg: string, caption: string): string {
  return `<figure>\n<div class="chart">${svg}</div>\n` +
    `<figcaption>${escapeHtml(caption)}</figcaption>\n</figure>`;
}

const STYLE = `
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; }
td, th { overflow-wrap: normal; }
.chart { overflow-x: auto; }
.chart svg { max-width: 100%; height: auto; display: block; border-radius: 6px; }
ol.notebooks { list-style: none; padding: 0; max-width: 48rem; }
ol.notebooks > li { border-left: 4px solid var(--line); padding: 0.1rem 0 0.1rem 1rem; margin: 1.2rem 0; }
ol.notebooks p { margin: 0.2rem 0; }
ol.notebooks .name { font-size: 1.1rem; font-weight: bold; }
ol.notebooks .notes { font-size: 0.85rem; color: var(--muted); }
ol.notebooks .failed { color: var(--mark); font-weight: bold; overflow-wrap: anywhere; }
section > p, section > ul, section > ol { max-width: 48rem; }
`;

/** A whole page that fetches nothing, with its headings listed beside it. */
export function page(title: string, main: string): string {
  const { body, headings } = arrange(main);
  return selfContainedPage({
    title,
    styles: [PAGE_STYLE, STYLE],
    body: `<a class="skip" href="#content">Skip to the text</a>\n` +
      `<header><h1>${escapeHtml(title)}</h1></header>\n<div class="layout">\n` +
      `${contents(headings)}\n<main id="content">\n${body}\n</main>\n</div>`,
  });
}
