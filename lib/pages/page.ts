/** A page that stands alone: no script, nothing that a browser would fetch. */
import { cleanHtml } from "./clean_html.ts";
import { escapeHtml } from "../format/escape_html.ts";
import { META } from "./_meta.ts";
import { BODY_END, BODY_START, pageFindings } from "./page_findings.ts";

/** Content of {@linkcode selfContainedPage}. */
export interface PageContent {
  /** Plain text. */
  readonly title: string;
  /** The page's own style sheets. They come from the lab and its packages, never from a notebook. */
  readonly styles: readonly string[];
  /** HTML of any origin. */
  readonly body: string;
}

/** Elements nested as HTML forbids are sorted anew when they are read again; a second time settles them. */
const ROUNDS = 4;

/**
 * Builds a page. Its body is cleaned; a policy in its head forbids what the cleaning has taken out
 * already.
 *
 * @returns A whole HTML document.
 * @throws {Error} If the page as a browser reads it would still hold what is not allowed.
 * @example
 * ```ts
 * import { assertMatch } from "@trusted-ai-lab/lab/assert";
 * const page = selfContainedPage({ title: "a < b", styles: [], body: "<p>text<script>f()</script>" });
 * assertMatch(page, /<title>a &lt; b<\/title>/);
 * assertMatch(page, /<body>\n<p>text<\/p>\n<\/body>/);
 * ```
 */
export function selfContainedPage({ title, styles, body }: PageContent): string {
  const head = `<!DOCTYPE html>
<html lang="en">
<head>
${META.join("\n")}
<title>${escapeHtml(title)}</title>
${styles.map((css) => `<style>${css}</style>\n`).join("")}`;
  let cleaned = body;
  let findings: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    cleaned = cleanHtml(cleaned);
    const page = head + BODY_START + cleaned + BODY_END;
    findings = pageFindings(page);
    if (findings.length === 0) return page;
  }
  throw new Error(`The page "${title}" would not be self-contained: ${findings.join("; ")}.`);
}
