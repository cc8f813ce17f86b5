import { fetchedByStyle } from "./_clean_css.ts";
import { cleanHtml, disallowedIn, parsePage } from "./clean_html.ts";
import { META } from "./_meta.ts";

/** What stands before and after the content of a page's body. */
export const BODY_START = "</head>\n<body>\n";
export const BODY_END = "\n</body>\n</html>\n";

/**
 * A body is fine if it is, letter by letter, what cleaning makes of it. To read it and look at the
 * elements is not enough: browsers look ahead for images without regard to where text ends, e.g. in a
 * CDATA section.
 */
function bodyFindings(html: string, body: Element): string[] {
  const start = html.indexOf(BODY_START) + BODY_START.length;
  const content = html.slice(start, -BODY_END.length);
  if (start >= BODY_START.length && html.endsWith(BODY_END) && cleanHtml(content) === content) {
    return [];
  }
  const found = disallowedIn(body);
  return found.length > 0 ? found : ["its body is not written as the lab writes pages"];
}

function namesOf(element: Element): string[] {
  return [...element.attributes].map(({ name }) => name);
}

function headFindings(head: Element): string[] {
  const found: string[] = [];
  const meta = [...head.querySelectorAll(":scope > meta")].map(({ outerHTML }) => outerHTML);
  if (meta.join() !== META.join()) found.push("its meta elements are not those of the lab's pages");
  for (const element of head.children) {
    const { localName } = element;
    if (localName === "style") found.push(...fetchedByStyle(element.textContent ?? ""));
    else if (localName !== "meta" && localName !== "title") found.push(`there is a <${localName}>`);
    if (localName !== "meta" && element.attributes.length > 0) {
      found.push(`a <${localName}> has ${namesOf(element).join(" and ")}`);
    }
  }
  return found;
}

/**
 * Finds what a page holds beside what is allowed: whatever would make a browser fetch something, leave
 * the page or run a script when it opens it. The page is read by an HTML parser and held against the
 * list by which bodies are cleaned. Links that a reader may follow are fine. It knows pages that
 * `selfContainedPage` wrote; another way to write the same is a finding.
 *
 * @param html The page.
 * @returns One sentence for each finding; none for a self-contained page.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { selfContainedPage } from "./page.ts";
 * const page = selfContainedPage({ title: "a", styles: [], body: '<a href="https://a.b">c</a>' });
 * assertEquals(pageFindings(page), []);
 * assertEquals(pageFindings(page.replace("<a", '<a ping="https://a.b"')), [
 *   'a <a> has ping="https://a.b"',
 * ]);
 * ```
 */
export function pageFindings(html: string): string[] {
  const document = parsePage(html);
  const { documentElement: root, head, body } = document;
  const found: string[] = [];
  // Without it, browsers read some markup differently from how it was cleaned.
  if (document.compatMode !== "CSS1Compat") found.push("it does not begin with <!DOCTYPE html>");
  if (body.localName !== "body" || root.children.length !== 2) {
    return [...found, "it is not a head and a body"];
  }
  for (const name of namesOf(root)) if (name !== "lang") found.push(`<html> has ${name}`);
  for (const name of namesOf(body)) found.push(`<body> has ${name}`);
  return [...found, ...headFindings(head), ...bodyFindings(html, body)];
}
