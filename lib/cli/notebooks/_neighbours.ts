/** The links between the pages of notebooks. */
import { writeAtomically } from "../../files/write_atomically.ts";
import { escapeHtml } from "../../format/escape_html.ts";
import { pageFindings } from "../../pages/page_findings.ts";

/** A page to link to. */
export interface PageLink {
  /** Its file's name. */
  readonly file: string;
  readonly title: string;
}

/** The pages before and after a page. */
export interface Neighbours {
  readonly previous?: PageLink | undefined;
  readonly next?: PageLink | undefined;
}

const link = ({ file, title }: PageLink, className: string, arrow: readonly [string, string]) =>
  `<a class="${className}" href="${escapeHtml(encodeURI(file))}">` +
  `${arrow[0]}${escapeHtml(title)}${arrow[1]}</a>`;

/**
 * The links at the top or at the end of a page.
 *
 * @param label Tells the two apart.
 */
export function neighbours(label: string, { previous, next }: Neighbours = {}): string {
  return `<nav class="neighbours" aria-label="${label}">` +
    `${previous ? link(previous, "previous", ["← ", ""]) : ""}` +
    `<a href="index.html">All notebooks</a>${next ? link(next, "next", ["", " →"]) : ""}</nav>`;
}

const NAVIGATION = /<nav class="neighbours" aria-label="([^"]*)">.*?<\/nav>/g;

/**
 * Links a page with its neighbours, which may have been written after it.
 *
 * @throws {Error} If the page would not be self-contained any more.
 */
export async function linkPage(path: string, links: Neighbours): Promise<void> {
  const html = await Deno.readTextFile(path);
  const linked = html.replace(NAVIGATION, (_, label: string) => neighbours(label, links));
  if (linked === html) return;
  const findings = pageFindings(linked);
  if (findings.length > 0) throw new Error(`${path} cannot be linked: ${findings.join("; ")}.`);
  await writeAtomically(path, linked);
}
