const TAG = /<[a-zA-Z][^>]*>/g;
const ACTIVE = /^<(script|iframe|object|embed|link|base|frame|form|audio|video)\b/i;
const FETCHING = /\s(?:src|srcset|poster|background|xlink:href)\s*=\s*["']?(?!data:|#)([^"'\s>]+)/i;
const STYLE = /<style\b[^>]*>([\s\S]*?)<\/style>/gi;
const STYLE_FETCH = /@import|url\(\s*(?!["']?(?:data:|#|%23))[^)]*\)/i;

/**
 * Finds what would make a browser fetch something or run a script when it opens a page. Links that
 * a reader may follow are fine.
 *
 * @param html The page.
 * @returns One sentence for each finding; none for a self-contained page.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(outsideReferences('<img src="data:image/png;base64,AA"><a href="https://a.b">c</a>'), []);
 * assertEquals(outsideReferences('<img src="x.png">'), ["a tag fetches x.png"]);
 * ```
 */
export function outsideReferences(html: string): string[] {
  const found: string[] = [];
  for (const [, style] of html.matchAll(STYLE)) {
    const fetched = STYLE_FETCH.exec(style ?? "");
    if (fetched) found.push(`a style fetches ${fetched[0]}`);
  }
  for (const [tag] of html.replace(STYLE, "").matchAll(TAG)) {
    const active = ACTIVE.exec(tag);
    if (active) found.push(`there is a <${active[1]!.toLowerCase()}>`);
    const fetched = FETCHING.exec(tag);
    if (fetched) found.push(`a tag fetches ${fetched[1]}`);
    const style = /\sstyle="([^"]*)"/i.exec(tag)?.[1] ?? "";
    const styleFetched = STYLE_FETCH.exec(style);
    if (styleFetched) found.push(`a style fetches ${styleFetched[0]}`);
  }
  return found;
}
