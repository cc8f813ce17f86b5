import { selfContainedPage } from "../../lib/pages/page.ts";
import { pageFindings } from "../../lib/pages/page_findings.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../lib/assert/mod.ts";
import { hostileLinks, hostileMarkup } from "./_hostile.ts";

const BODY = '<p style="color:red">a</p><pre>\n\nb</pre><svg><path d="M0 0"></path></svg>';
const good = selfContainedPage({ title: "a & b", styles: ["p { margin: 0 }"], body: BODY });

Deno.test("a page of the lab has no findings", () => {
  assertEquals(pageFindings(good), []);
  assertStringIncludes(good, "<title>a &amp; b</title>");
});

Deno.test("each change of a page is found", () => {
  const changes: [from: string | RegExp, to: string, finding: string][] = [
    ["<!DOCTYPE html>", "", "<!DOCTYPE html>"],
    ['lang="en"', 'lang="en" manifest="a"', "<html> has manifest"],
    ["<body>", "<body onload='a()'>", "<body> has onload"],
    ["<body>", "</head><frameset></frameset>", "it is not a head and a body"],
    ["form-action 'none'; ", "", "its meta elements"],
    ["<title>", "<meta http-equiv='refresh' content='0'><title>", "its meta elements"],
    ["<title>", "<base href='https://a.b'><title>", "there is a <base>"],
    ["<title>", "<link rel='icon' href='a'><title>", "there is a <link>"],
    ["<title>", "<script>1</script><title>", "there is a <script>"],
    ["<style>", "<style onload='a()'>", "a <style> has onload"],
    ["margin: 0", "background: url(a)", "a style fetches a"],
    ["color:red", "background:url(a)", 'a <p> has style="background:url(a)"'],
    ["<path", "<image href='a.png'></image><path", 'a <image> has href="a.png"'],
    ["</body>", "<!-- a --></body>", "there is a <#comment>"],
  ];
  for (const [from, to, finding] of changes) {
    const changed = good.replace(from, to);
    assert(changed !== good, String(from));
    assertStringIncludes(pageFindings(changed).join("; "), finding);
  }
});

Deno.test("everything hostile is found where it was not cleaned away", () => {
  const all = { ...hostileMarkup("http://127.0.0.1:1"), ...hostileLinks("http://127.0.0.1:1") };
  for (const [name, markup] of Object.entries(all)) {
    assert(pageFindings(good.replace("</body>", `${markup}</body>`)).length > 0, name);
  }
});

Deno.test("markup that is read differently each time is cleaned until it stays", () => {
  for (
    const body of [
      "<a href='#a'><table><tr><a href='#b'>c</a></tr></table></a>",
      "<p><b><table><td><p>a</b>b</table>c",
      "<ul><li><a>b<div><a>c</div></ul>",
      "<table><tr><p>a<tr>b</table>",
    ]
  ) assertEquals(pageFindings(selfContainedPage({ title: "a", styles: [], body })), [], body);
});

Deno.test("a style sheet of the page that would fetch is refused", () => {
  assertThrows(
    () => selfContainedPage({ title: "a", styles: ["@import 'b';"], body: "" }),
    Error,
    `The page "a" would not be self-contained: a style imports another.`,
  );
});
