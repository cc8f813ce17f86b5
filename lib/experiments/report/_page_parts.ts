/** Small pieces of the report's HTML. */
import { escapeHtml } from "../../format/escape_html.ts";
import { selfContainedPage } from "../../pages/page.ts";

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
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1a1a1a; background: #fff;
  max-width: 1100px; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 2px solid #1a1a1a; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; }
a { color: #00558c; }
table { border-collapse: collapse; font-size: .875rem; }
caption { padding: .5rem 0; }
th, td { border-bottom: 1px solid #c8c8c8; padding: .3rem .6rem; vertical-align: top;
  overflow-wrap: normal; }
th { border-bottom: 2px solid #1a1a1a; }
td:first-child { white-space: nowrap; }
figure { margin: 2rem 0; }
.chart svg { max-width: 100%; height: auto; }
figcaption { max-width: 45rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; }
`;

/** A whole page that fetches nothing. */
export function page(title: string, body: string): string {
  return selfContainedPage({ title, styles: [STYLE], body });
}
