/** CSS of a notebook's outputs without what a browser would fetch. */
// @ts-types="./_css_tree.d.ts"
import { type CssNode, generate, parse, walk } from "css-tree";
import { CSS_FUNCTIONS, CSS_PROPERTIES, CSS_REFERRING } from "./_allowed.ts";

const properties = new Set(CSS_PROPERTIES);
const referring = new Set(CSS_REFERRING);
const functions = new Set(CSS_FUNCTIONS.map((name) => name.toLowerCase()));
const GROUPS = new Set(["media", "supports"]);

/** Plain words, numbers, colours: nothing that needs a parser to be told harmless. */
const PLAIN = /^[\w\s.,#%+-]*$/;

// A style element's text is markup in some parsers and not in others: it must read as text in all.
function withoutMarkup(css: string): string {
  return css.replaceAll("<", "\\3c ").replaceAll("&", "\\26 ");
}

function isKnown(node: CssNode): boolean {
  let known = true;
  walk(node, ({ type }) => {
    if (type === "Raw") known = false;
  });
  return known;
}

function isAllowedValue(property: string, value: CssNode): boolean {
  let allowed = true;
  walk(value, (node) => {
    if (node.type === "Raw") allowed = false;
    if (node.type === "Function" && !functions.has(String(node.name).toLowerCase())) {
      allowed = false;
    }
    if (node.type === "Url") {
      if (!referring.has(property) || !String(node.value).startsWith("#")) allowed = false;
    }
  });
  return allowed;
}

function cleanDeclaration(node: CssNode): string[] {
  if (node.type !== "Declaration") return [];
  const property = node.property!.startsWith("--") ? node.property! : node.property!.toLowerCase();
  if (!property.startsWith("--") && !properties.has(property)) return [];
  const value = node.value;
  if (typeof value !== "object" || !isAllowedValue(property, value)) return [];
  return [generate(node)];
}

function cleanRule(node: CssNode): string[] {
  const { type, prelude, block } = node;
  if (!prelude || !block || !isKnown(prelude)) return [];
  if (type === "Atrule" && !GROUPS.has(String(node.name).toLowerCase())) return [];
  const head = type === "Atrule" ? `@${node.name} ${generate(prelude)}` : generate(prelude);
  return [`${head}{${cleanBlock(block, type === "Atrule" ? "" : ";")}}`];
}

function cleanBlock(block: CssNode, separator: string): string {
  return block.children!.toArray().flatMap((node) => {
    return node.type === "Rule" || node.type === "Atrule"
      ? cleanRule(node)
      : cleanDeclaration(node);
  }).join(separator);
}

/**
 * Cleans a style sheet: keeps rules, `@media` and `@supports`, and in them the declarations of allowed
 * properties whose values name no address outside the page.
 *
 * @param css The text of a style element.
 * @returns CSS that fetches nothing and reads as text in HTML and XML alike.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(cleanStyleSheet("@import 'a.css'; p { color: red; cursor: url(a.cur) }"), "p{color:red}");
 * ```
 */
export function cleanStyleSheet(css: string): string {
  return withoutMarkup(cleanBlock(parse(css, { parseCustomProperty: true }), ""));
}

/**
 * Cleans the declarations of a `style` attribute.
 *
 * @returns The allowed ones; an empty text if there are none.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(cleanDeclarations("color: red; background: \\75rl(//a.b/c)"), "color:red");
 * ```
 */
export function cleanDeclarations(css: string): string {
  const list = parse(css, { context: "declarationList", parseCustomProperty: true });
  return withoutMarkup(cleanBlock(list, ";"));
}

/**
 * Tells whether the value of an SVG attribute that is a CSS property, such as `fill`, is allowed.
 *
 * @param property The attribute.
 * @param value Its value.
 */
export function isAllowedPresentation(property: string, value: string): boolean {
  if (PLAIN.test(value)) return true;
  const list = parse(`${property}:${value}`, { context: "declarationList" }).children!.toArray();
  return list.length === 1 && cleanDeclaration(list[0]!).length === 1;
}

/** What a page's own style sheets may hold beside {@linkcode CSS_FUNCTIONS}. */
const OWN_FUNCTIONS = new Set(["blur", "counter", "format", "url-prefix"]);
const OWN_ADDRESS = /^data:(?:font\/woff2;base64|image\/svg\+xml),/;

/**
 * Finds what the style sheets in a page's head would fetch. They are the exporter's own and may bring
 * fonts and drawings as `data:` addresses.
 *
 * @returns One sentence for each finding.
 */
export function fetchedByStyle(css: string): string[] {
  const found: string[] = [];
  walk(parse(css, { parseCustomProperty: true }), (node) => {
    const name = typeof node.name === "string" ? node.name.toLowerCase() : "";
    if (node.type === "Atrule" && name === "import") found.push("a style imports another");
    if (node.type === "Url" && !OWN_ADDRESS.test(String(node.value))) {
      found.push(`a style fetches ${String(node.value).slice(0, 80)}`);
    }
    if (node.type === "Function" && !functions.has(name) && !OWN_FUNCTIONS.has(name)) {
      found.push(`a style calls ${name}()`);
    }
    if (node.type === "Raw") found.push("a style cannot be read in part");
  });
  return found;
}
