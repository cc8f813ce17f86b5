import temml from "temml";
import { cleanHtml, cleanSvg } from "../../lib/pages/clean_html.ts";
import { drawingAddress, drawingText } from "../../lib/pages/_drawing_address.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";
import { SAMPLES } from "../plots/samples.ts";

/** Requires that HTML comes through as it is. */
function requireKept(html: string): void {
  assertEquals(cleanHtml(html), html);
}

Deno.test("prose, tables, code and links come through as they are", () => {
  requireKept('<h2 id="a">A <a class="anchor-link" href="#a">¶</a></h2>');
  requireKept(
    '<p>See <a href="https://a.b/c?d=e&amp;f#g" title="t">a</a>, <a href="2_b.html">b</a>.</p>',
  );
  requireKept('<p><a href="mailto:a@b.c">mail</a> <code>x &lt; y</code><br><em>b</em></p>');
  requireKept(
    '<table><thead><tr><th scope="col" style="text-align:right">a</th></tr></thead>' +
      '<tbody><tr><td colspan="2">b</td></tr></tbody></table>',
  );
  requireKept('<details open=""><summary>a</summary><ol start="3"><li>b</li></ol></details>');
  requireKept(
    '<div class="highlight"><pre><span></span><span class="kd">const</span> a\n</pre></div>',
  );
});

Deno.test("a link to anything but a page or a mail address loses its address", () => {
  for (
    const href of [
      "javascript:a()",
      " java\nscript:a()",
      "jav&#x09;ascript&colon;a()",
      "\u0001javascript:a()",
      "data:text/html,a",
      "vbscript:a",
      "file:///a",
      "ftp://a.b",
      "tel:1",
      "blob:a",
      "https://[",
    ]
  ) assertEquals(cleanHtml(`<a href="${href}">b</a>`), "<a>b</a>", href);
});

Deno.test("a pre keeps the empty line it begins with, however often it is cleaned", () => {
  const html = "<pre>\n\na</pre>";
  requireKept(html);
  assertEquals(cleanHtml("<pre>\na</pre>"), "<pre>a</pre>");
});

Deno.test("images of pixels come through, addresses and other types do not", () => {
  requireKept('<img src="data:image/png;base64,iVBORw0=" alt="a: b" width="3">');
  for (
    const src of [
      "a.png",
      "https://a.b/c.png",
      "data:text/html,a",
      "data:image/png,https://a.b",
      "data:image/bmp;base64,AA==",
      "blob:a",
    ]
  ) assertEquals(cleanHtml(`<img src="${src}" alt="a">`), '<img alt="a">', src);
});

Deno.test("a drawing in an address is cleaned there", () => {
  const evil = '<svg xmlns="http://www.w3.org/2000/svg"><script>a()</script><path d="M0 0"/></svg>';
  const good = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>';
  const cleaned = cleanHtml(`<img src="${drawingAddress(evil)}">`);
  assertEquals(cleaned, `<img src="${drawingAddress(good)}">`);
  assertEquals(cleanHtml(`<img src="data:image/svg+xml;base64,***">`), "<img>");
  assertEquals(cleanHtml(`<img src="data:image/svg+xml,%FF">`), "<img>");
  assertEquals(cleanHtml(`<img src="${drawingAddress("<svg")}">`), "<img>");
  assertEquals(drawingText(drawingAddress("<svg>ε</svg>")), "<svg>ε</svg>");
});

Deno.test("the lab's charts come through unchanged but for how XML is written", () => {
  const plain = (svg: string) =>
    svg.replaceAll(" />", "/>").replaceAll("&quot;", '"')
      .replaceAll("&#39;", "'");
  for (const [name, draw] of Object.entries(SAMPLES)) {
    const { svg } = draw();
    assertEquals(plain(cleanSvg(svg)!), plain(svg), name);
  }
});

Deno.test("a drawing keeps its styles, gradients and references to itself", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style>' +
    ":where(.plot-d6a7b5){--plot-background:white}.a{fill:url(#g)}@media print{.a{fill:none}}" +
    '</style><defs><linearGradient id="g" gradientUnits="userSpaceOnUse"><stop offset="0"/>' +
    '</linearGradient><clipPath id="c"><rect width="9"/></clipPath></defs>' +
    '<g clip-path="url(#c)" style="mix-blend-mode:multiply"><use href="#g"/></g></svg>';
  assertEquals(cleanSvg(svg), svg);
});

Deno.test("a text that is no SVG document has no cleaned form", () => {
  for (const text of ["", "text", "<svg", "<html/>", "<svg></svg>", '<svg xmlns="http://a.b"/>']) {
    assertEquals(cleanSvg(text), undefined, text);
  }
});

/** Without differences that mean nothing: spaces in styles, the namespace, closed elements. */
function plainMathml(html: string): string {
  return html.replaceAll("\u00a0", "&nbsp;").replaceAll(/(?<=style="[^"]*)[;\s]/g, "").replaceAll(
    / xmlns="[^"]*"/g,
    "",
  )
    .replaceAll(/<(\w+)([^>]*)\/>/g, "<$1$2></$1>");
}

Deno.test("formulas come through as Temml writes them", () => {
  const formulas = [
    "\\epsilon = \\frac{8}{255} \\ne \\sqrt[3]{x}",
    "\\begin{aligned} a &= b \\\\ c &\\le d \\end{aligned}",
    "\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}, \\begin{cases} 1 & x \\\\ 0 & y \\end{cases}",
    "\\sum_{i=1}^n \\hat{y}_i \\underbrace{a+b}_{c} \\left[\\tfrac12\\right] \\mathcal{L} \\text{ if } x",
    "\\color{red} x \\boxed{y} \\overline{z} \\phantom{w} \\mathbb{R} \\operatorname*{arg\\,max}_x",
    "{}^{14}_{6}\\mathrm{C} \\xrightarrow[a]{b} \\vec{v} \\prescript{1}{2}{x} \\big( \\cancel{x}",
  ];
  for (const tex of formulas) {
    for (const displayMode of [true, false]) {
      const mathml = temml.renderToString(tex, { displayMode, annotate: true });
      assertEquals(plainMathml(cleanHtml(mathml)), plainMathml(mathml), tex);
    }
  }
  const numbered = temml.renderToString("x \\tag{1}", { displayMode: true });
  assertEquals(plainMathml(cleanHtml(numbered)), plainMathml(numbered));
});

Deno.test("what is clean stays as it is, and names mean what they mean in their namespace", () => {
  const html =
    "<svg><title>a</title><style>b{fill:red}</style></svg><title>c</title><style>d{}</style>e";
  const cleaned = cleanHtml(html);
  assertEquals(cleaned, "<svg><title>a</title><style>b{fill:red}</style></svg>e");
  assertEquals(cleanHtml(cleaned), cleaned);
  assert(!cleanHtml("<math><style>a{}</style><title>b</title></math>").includes("a{"));
});
