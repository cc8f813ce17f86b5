/** How the lab's pages look: on wide and narrow screens, in the dark, and on paper. */

const COLORS = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --muted: #59626e; --line: #d5dae1; --soft: #f4f6f8;
  --link: #0b57a4; --mark: #8a1c1c; --mark-soft: #fdf0f0; --good: #1a6334; --strong-line: #6b7280;
  --keyword: #7b2c9f; --string: #0d6135; --number: #0b57a4; --comment: #5a6470; --name: #1b1f24;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e4e8ed; --muted: #a3adb9; --line: #343b44; --soft: #1d2227;
    --link: #82bbf5; --mark: #ffb0a8; --mark-soft: #3a1d1d; --good: #83d6a1; --strong-line: #7d8794;
    --keyword: #d8a7f2; --string: #8fd3a5; --number: #8fc4ff; --comment: #9aa5b1; --name: #e4e8ed;
  }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --ink: #000000; --muted: #404040; --line: #bbbbbb; --soft: #ffffff;
    --link: #000000; --mark: #8a1c1c; --mark-soft: #ffffff; --good: #000000; --strong-line: #444444;
    --keyword: #000000; --string: #333333; --number: #000000; --comment: #555555; --name: #000000;
  }
}`;

const TEXT = `
*, *::before, *::after { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body {
  margin: 0 auto; padding: 1rem 1.25rem 4rem; max-width: 84rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
a.skip { position: absolute; left: -60rem; }
a.skip:focus { left: 1rem; top: 0.5rem; background: var(--paper); padding: 0.3rem 0.6rem; z-index: 3; }
h1, h2, h3, h4 { line-height: 1.25; margin: 1.8em 0 0.5em; overflow-wrap: break-word; }
h1 { font-size: 1.9rem; margin-top: 0.6em; }
h2 { font-size: 1.4rem; border-bottom: 1px solid var(--line); padding-bottom: 0.2em; }
h3 { font-size: 1.12rem; }
a.anchor-link { display: none; }
p, li, dd, figcaption { overflow-wrap: break-word; }
blockquote {
  margin: 0.8rem 0; padding: 0.1rem 0.9rem; border-left: 3px solid var(--strong-line);
  color: var(--muted);
}
code { font: 0.88em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
:not(pre) > code { background: var(--soft); padding: 0.1em 0.25em; border-radius: 3px; }
.text pre { overflow-x: auto; }
math { font-size: 1.08em; }
summary { cursor: pointer; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
nav [aria-current] { font-weight: bold; }`;

const LAYOUT = `
main > *, .text > * { max-width: 48rem; }
main > section, main > figure, .text > figure, .output > figure { max-width: none; }
nav.neighbours {
  display: flex; flex-wrap: wrap; gap: 0.2rem 1.5rem; font-size: 0.9rem; align-items: baseline;
}
nav.neighbours .next { margin-left: auto; }
nav.contents { font-size: 0.88rem; line-height: 1.35; }
nav.contents ol { list-style: none; margin: 0.4rem 0; padding: 0; }
nav.contents li { margin: 0.35rem 0; }
nav.contents li.level-3 { margin-left: 0.9rem; }
@media (min-width: 64rem) {
  .layout { display: grid; grid-template-columns: 12rem minmax(0, 1fr); column-gap: 1.5rem; }
  nav.contents {
    position: sticky; top: 1rem; align-self: start; max-height: calc(100vh - 2rem); overflow-y: auto;
  }
}
@media (max-width: 40rem) {
  body { padding: 0.6rem 0.8rem 3rem; }
  h1 { font-size: 1.5rem; }
  nav.contents { margin: 0.6rem 0; }
}`;

const TABLES = `
figure { margin: 1rem 0; }
figcaption { max-width: 48rem; }
figure.chart img {
  max-width: 100%; height: auto; background: #ffffff; border-radius: 6px; display: block;
}
@media (prefers-color-scheme: dark) { figure.chart img { padding: 0.5rem; } }
figure.chart details { font-size: 0.85rem; color: var(--muted); margin-top: 0.3rem; }
figure.table figcaption { font-size: 0.9rem; margin-bottom: 0.35rem; }
.scroll { overflow-x: auto; max-width: 100%; }
table {
  border-collapse: collapse; font-size: 0.82rem; line-height: 1.4;
  font-variant-numeric: tabular-nums;
}
th, td {
  padding: 0.3rem 0.4rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top;
}
thead th { border-bottom: 2px solid var(--strong-line); vertical-align: bottom; }
tbody th { font-weight: normal; }
.scroll thead th:first-child, .scroll tbody > tr > :first-child {
  position: sticky; left: 0; background: var(--paper); z-index: 1;
}
.cell-label { display: none; }
@media (max-width: 40rem) {
  .scroll.labelled table, .scroll.labelled tbody, .scroll.labelled tr, .scroll.labelled tbody th,
  .scroll.labelled td { display: block; width: auto; text-align: left !important; min-width: 0 !important; }
  .scroll.labelled thead { position: absolute; left: -60rem; }
  .scroll.labelled tr { border: 1px solid var(--line); border-radius: 4px; margin: 0 0 0.6rem; }
  .scroll.labelled tbody > tr > :first-child {
    position: static; font-weight: bold; background: var(--soft);
    white-space: normal !important; overflow-wrap: anywhere;
  }
  .scroll.labelled td {
    display: flex; justify-content: space-between; gap: 1rem; padding: 0.2rem 0.45rem;
    white-space: normal !important;
  }
  .scroll.labelled td > .cell-value { text-align: right; overflow-wrap: anywhere; }
  .scroll.labelled td > .cell-label { display: block; color: var(--muted); flex: 0 0 40%; }
}`;

const PAPER = `
@page { size: A4; margin: 14mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, a.skip, summary { display: none; }
  .layout { display: block; }
  h1, h2, h3, h4 { break-after: avoid; }
  figure.chart, tr, .evidence { break-inside: avoid; }
  figure.chart img { max-height: 230mm; width: auto; padding: 0; }
  figure.chart details { display: none; }
  .scroll, .source, .output, pre { overflow: visible; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  table { font-size: 6.6pt; max-width: 100%; }
  th, td { padding: 1.5pt 3pt; min-width: 0 !important; white-space: normal !important;
    overflow-wrap: anywhere; }
  .scroll thead th:first-child, .scroll tbody > tr > :first-child { position: static; }
  details::details-content { content-visibility: visible; height: auto; }
  a { text-decoration: none; }
}`;

/** The style sheet of every page; sheets of single pages come after it. */
export const PAGE_STYLE = [COLORS, TEXT, LAYOUT, TABLES, PAPER].join("\n");
