/**
 * Escapes text for the content and the attributes of HTML, SVG and other XML.
 *
 * @param text Any text. Control characters, which XML 1.0 forbids, become spaces.
 * @returns The text with `&`, `<`, `>`, `"` and `'` written out.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(escapeHtml(`a < "b" & 'c'`), "a &lt; &quot;b&quot; &amp; &#39;c&#39;");
 * ```
 */
export function escapeHtml(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- XML 1.0 allows none of these control characters
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, " ")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}
