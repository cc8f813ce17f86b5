import { cleanDeclarations, cleanStyleSheet, fetchedByStyle } from "../../lib/pages/_clean_css.ts";
import { assertEquals } from "../../lib/assert/mod.ts";

Deno.test("declarations of allowed properties come through", () => {
  for (
    const css of [
      "text-align:right;white-space:nowrap",
      "color:rgb(1 2 3/50%)!important",
      "width:calc(100% - 2px)",
      "--plot-background:white;background:var(--plot-background)",
      "fill:url(#a)",
    ]
  ) assertEquals(cleanDeclarations(css), css);
});

Deno.test("a declaration that would fetch is dropped, and its neighbours are kept", () => {
  for (
    const css of [
      "background:url(a.png)",
      "background:URL(a.png)",
      "background:url( 'a.png' )",
      "background:\\75rl(a.png)",
      "background:u\\72 l(a.png)",
      "background:url(data:image/svg+xml,a)",
      "background:url(#a)",
      "background:image-set('a.png' 1x)",
      "background:-webkit-image-set(url(a.png) 1x)",
      "background:cross-fade(url(a.png),red)",
      "background:/**/url(a.png)",
      "--a:url(a.png)",
      "--a:{b:url(a.png)}",
      "fill:url(a.svg#b)",
      "fill:src('a')",
      "cursor:url(a),auto",
      "filter:url(#a)",
      "content:url(a)",
      "position:fixed",
      "behavior:url(a)",
      "-moz-binding:url(a)",
      "width:expression(a())",
    ]
  ) {
    assertEquals(
      cleanDeclarations(`margin:0;${css};color:red`).replace("margin:0;", ""),
      "color:red",
      css,
    );
  }
});

Deno.test("braces in a declaration open nothing", () => {
  assertEquals(cleanDeclarations("color:red}p{background:url(a)"), "");
  assertEquals(cleanStyleSheet("a{b:c}}d{background:url(e)}").includes("url"), false);
});

Deno.test("of a style sheet only rules and their groups come through", () => {
  assertEquals(cleanStyleSheet("@import 'a';@import url(a);a{color:red}"), "a{color:red}");
  assertEquals(cleanStyleSheet("@\\69mport 'a';@charset 'b';@namespace url(a);"), "");
  assertEquals(cleanStyleSheet("@font-face{font-family:a;src:url(a)}"), "");
  assertEquals(
    cleanStyleSheet("@media print{a{color:red}@import 'b';}"),
    "@media print{a{color:red}}",
  );
});

Deno.test("nothing in a cleaned style reads as markup", () => {
  assertEquals(cleanStyleSheet("a{font-family:'</style><script>&lt;'}").includes("<"), false);
  assertEquals(cleanDeclarations("font-family:'<!--&amp;'").match(/[<&]/), null);
});

Deno.test("what a page's own style would fetch is found", () => {
  assertEquals(
    fetchedByStyle("@font-face{src:url(data:font/woff2;base64,AA) format('woff2')}"),
    [],
  );
  for (
    const css of [
      "@import 'a';",
      "a{background:url(a.png)}",
      "a{background:image-set('a' 1x)}",
      "@font-face{src:url(a.woff2)}",
      "a{--b:url(c)}",
    ]
  ) assertEquals(fetchedByStyle(css).length, 1, css);
});
