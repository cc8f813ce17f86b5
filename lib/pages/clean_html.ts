/** HTML, SVG and MathML of unknown origin, cleaned by DOMPurify by the list in `allowed.ts`. */
import createPurifier from "dompurify";
// @ts-types="./_jsdom.d.ts"
import { JSDOM } from "jsdom";
import {
  ATTRIBUTES,
  CSS_PROPERTIES,
  ELEMENTS,
  LINK_SCHEMES,
  PIXELS,
  REFERRING_ELEMENTS,
} from "./_allowed.ts";
import { cleanDeclarations, cleanStyleSheet, isAllowedPresentation } from "./_clean_css.ts";
import { drawingAddress, drawingText } from "./_drawing_address.ts";

const HTML = "http://www.w3.org/1999/xhtml";
const SVG = "http://www.w3.org/2000/svg";
const XML_TYPE = "application/xhtml+xml";
/** Where a page stands while its links are read. */
const ANYWHERE = "https://page.invalid/";

const { window } = new JSDOM("<!DOCTYPE html>");
const elements = new Map(Object.entries(ELEMENTS).map(([space, names]) => [space, new Set(names)]));
const everyName = new Set(Object.values(ELEMENTS).flat().map((name) => name.toLowerCase()));
const referring = new Set(REFERRING_ELEMENTS);
const presentation = new Set(CSS_PROPERTIES);

/** New lists for each call: DOMPurify lowers the case in those it is given for HTML. */
function purifierOptions() {
  return {
    ALLOWED_TAGS: Object.values(ELEMENTS).flat(),
    ALLOWED_ATTR: [...ATTRIBUTES],
    ALLOW_DATA_ATTR: false,
    // Texts that may hold a colon; every address goes through cleanAddress.
    ADD_URI_SAFE_ATTR: ["datetime", "encoding", "font-family", "headers", "xmlns:xlink"],
  };
}

function isLink(address: string): boolean {
  if (!URL.canParse(address, ANYWHERE)) return false;
  return LINK_SCHEMES.includes(new URL(address, ANYWHERE).protocol);
}

/** The address that an element may have, or undefined. */
function cleanAddress(element: Element, name: string, address: string): string | undefined {
  const { namespaceURI, localName } = element;
  if (namespaceURI === HTML) {
    if (localName === "a" && name === "href") return isLink(address) ? address : undefined;
    if (localName !== "img" || name !== "src") return undefined;
    return PIXELS.test(address) ? address : cleanDrawingAddress(address);
  }
  if (namespaceURI !== SVG || name === "src") return undefined;
  if (localName === "image") return PIXELS.test(address) ? address : undefined;
  return referring.has(localName) && /^#[^\s]+$/.test(address) ? address : undefined;
}

function cleanDrawingAddress(address: string): string | undefined {
  const text = drawingText(address);
  const drawing = text === undefined ? undefined : cleanSvg(text);
  return drawing === undefined ? undefined : drawingAddress(drawing);
}

/** The value that an attribute may have, or undefined. */
function cleanAttribute(element: Element, name: string, value: string): string | undefined {
  if (name === "href" || name === "xlink:href" || name === "src") {
    return cleanAddress(element, name, value);
  }
  if (name === "style") return cleanDeclarations(value) || undefined;
  if (presentation.has(name) && !isAllowedPresentation(name, value)) return undefined;
  return value;
}

/** Whether an element's name is allowed, but in another namespace: an HTML style, title or path. */
function isMisplaced({ namespaceURI, localName }: Element): boolean {
  return everyName.has(localName.toLowerCase()) &&
    !elements.get(namespaceURI ?? "")?.has(localName);
}

function newPurifier() {
  const purifier = createPurifier(window as unknown as Parameters<typeof createPurifier>[0]);
  purifier.addHook("uponSanitizeElement", (node) => {
    if (node.nodeType !== 1) return;
    const element = node as Element;
    if (isMisplaced(element)) {
      purifier.removed.push({ element });
      element.remove();
    } else if (element.namespaceURI === SVG && element.localName === "style") {
      const css = cleanStyleSheet(element.textContent ?? "");
      if (css !== element.textContent) purifier.removed.push({ element });
      element.textContent = css;
    }
  });
  purifier.addHook("uponSanitizeAttribute", (element, event) => {
    const value = cleanAttribute(element, event.attrName, event.attrValue);
    if (value === undefined) event.keepAttr = false;
    else if (value !== event.attrValue) {
      const attribute = element.getAttributeNode(event.attrName);
      purifier.removed.push({ attribute, from: element });
      event.attrValue = value;
    }
  });
  return purifier;
}

// A drawing inside a page is cleaned while the page is: each has its own purifier.
const pages = newPurifier();
const drawings = newPurifier();

/**
 * Cleans a piece of HTML: what is left runs nothing and fetches nothing, and every element it opens is
 * closed. Drawings in `data:image/svg+xml` addresses of images are cleaned too.
 *
 * @param html The content of a body or of an element in it.
 * @returns HTML for the same place.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(cleanHtml('<p onclick="f()">a<meta http-equiv="refresh" content="0"><b>b'), "<p>a<b>b</b></p>");
 * ```
 */
export function cleanHtml(html: string): string {
  const content = newContent(window.document);
  content.innerHTML = html; // this window runs no script and fetches nothing
  const cleaned = pages.sanitize(content, { ...purifierOptions(), RETURN_DOM: true });
  for (const { firstChild } of cleaned.querySelectorAll("pre")) {
    // A parser drops the first newline of a pre: one more keeps the empty line that was meant.
    if (firstChild?.nodeValue?.startsWith("\n")) firstChild.nodeValue = `\n${firstChild.nodeValue}`;
  }
  return cleaned.firstElementChild!.innerHTML;
}

/** An element in which HTML means what it means in a page's body. */
function newContent(document: Document): Element {
  return document.createElement("div");
}

function describeRemoved(removed: (typeof pages.removed)[number]): string {
  if ("element" in removed) return `there is a <${removed.element.nodeName.toLowerCase()}>`;
  const { attribute, from } = removed;
  const value = (attribute?.value ?? "").slice(0, 80);
  return `a <${from.nodeName.toLowerCase()}> has ${attribute?.name}="${value}"`;
}

/**
 * Finds what {@linkcode cleanHtml} would take out of a page's body.
 *
 * @param body The body of a page from {@linkcode parsePage}; it is left as it is.
 * @returns One sentence for each finding.
 */
export function disallowedIn(body: Element): string[] {
  const content = newContent(body.ownerDocument);
  content.append(...body.cloneNode(true).childNodes);
  if (pages.sanitize(content, purifierOptions()) === content.outerHTML) return [];
  // DOMPurify counts the body it works in among what it removes.
  return pages.removed.map(describeRemoved).filter((text) => text !== "there is a <body>");
}

/**
 * Cleans an SVG document.
 *
 * @param svg Its text.
 * @returns XML without a prolog, or undefined if the text is not an SVG document.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const svg = '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://a.b/c.png"/></svg>';
 * assertEquals(cleanSvg(svg), '<svg xmlns="http://www.w3.org/2000/svg"><image/></svg>');
 * assertEquals(cleanSvg("<svg"), undefined);
 * ```
 */
export function cleanSvg(svg: string): string | undefined {
  const root = new window.DOMParser().parseFromString(svg.trim(), "image/svg+xml").documentElement;
  if (root?.namespaceURI !== SVG || root.localName !== "svg") return undefined;
  const xml = new window.XMLSerializer().serializeToString(root);
  return drawings.sanitize(xml, { ...purifierOptions(), PARSER_MEDIA_TYPE: XML_TYPE }) || undefined;
}

/** Parses a page as a browser does. */
export function parsePage(html: string): Document {
  return new window.DOMParser().parseFromString(html, "text/html");
}
