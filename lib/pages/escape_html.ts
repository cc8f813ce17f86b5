/**
 * Writes a text so that it stands as text in HTML, between tags and in attributes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(escapeHtml(`a < "b" & 'c'`), "a &lt; &quot;b&quot; &amp; &#39;c&#39;");
 * ```
 */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}
