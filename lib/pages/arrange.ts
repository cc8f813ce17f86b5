/** What a page's body needs to be read on a phone, by keyboard and by a screen reader. */
import { parsePage } from "./clean_html.ts";
import { escapeHtml } from "../format/escape_html.ts";

/** A heading of a page, for its table of contents. */
export interface Heading {
  readonly level: number;
  readonly id: string;
  /** HTML: text, and formulas as MathML. */
  readonly label: string;
}

/** A page's body, arranged. */
export interface Arranged {
  readonly body: string;
  readonly headings: readonly Heading[];
}

/** Fewer columns than this fit a phone as they are. */
const FEW_COLUMNS = 3;

function textOf(element: Element | null | undefined): string {
  return (element?.textContent ?? "").replace(/\s+/g, " ").trim();
}

function make(document: Document, name: string, className: string): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  return element;
}

/** The paragraph just before a table's scrolling box, which the lab's tables have for a caption. */
function captionBefore(box: Element): Element | undefined {
  const before = box.previousElementSibling;
  const parent = box.parentElement;
  const lone = parent?.localName === "div" && parent.children[0] === before;
  return before?.localName === "p" && lone ? before : undefined;
}

/** Makes each body row's first cell a header, where the table has none of its own. */
function nameRows(document: Document, table: Element): void {
  for (const row of table.querySelectorAll("tbody > tr")) {
    const [first] = row.children;
    if (first === undefined || first.localName === "th" || row.children.length < 2) continue;
    const header = document.createElement("th");
    header.setAttribute("scope", "row");
    const style = first.getAttribute("style");
    if (style !== null) header.setAttribute("style", style);
    header.append(...first.childNodes);
    first.replaceWith(header);
  }
  for (const header of table.querySelectorAll("thead th")) {
    // An empty corner is no header of anything.
    if (textOf(header) === "") {
      const cell = document.createElement("td");
      header.replaceWith(cell);
    } else header.setAttribute("scope", "col");
  }
}

/** Puts its column's title beside each value; a narrow screen shows it there. */
function labelCells(document: Document, table: Element): boolean {
  const titles = [...table.querySelectorAll("thead tr:last-child > *")].map(textOf);
  const rows = [...table.querySelectorAll("tbody > tr")];
  const regular = rows.every(({ children }) => children.length === titles.length) &&
    table.querySelector("[colspan], [rowspan]") === null;
  if (titles.length <= FEW_COLUMNS || !regular) return false;
  const roles: readonly [string, string][] = [
    ["thead, tbody", "rowgroup"],
    ["tr", "row"],
    ["thead th", "columnheader"],
    ["tbody th", "rowheader"],
    ["td", "cell"],
  ];
  // A table that is laid out as blocks stays a table for screen readers only if it says so.
  table.setAttribute("role", "table");
  for (const [selector, role] of roles) {
    for (const element of table.querySelectorAll(selector)) element.setAttribute("role", role);
  }
  for (const row of rows) {
    [...row.children].forEach((cell, k) => {
      if (k === 0) return;
      const label = make(document, "span", "cell-label");
      label.setAttribute("aria-hidden", "true");
      label.textContent = titles[k]!;
      const value = make(document, "span", "cell-value");
      value.append(...cell.childNodes);
      cell.append(label, value);
    });
  }
  return true;
}

function arrangeTable(document: Document, table: Element, number: number): void {
  const parent = table.parentElement!;
  const boxed = parent.localName === "div" && parent.children.length === 1 &&
    (parent.getAttribute("style") ?? "").includes("overflow-x");
  const box = make(document, "div", "scroll");
  (boxed ? parent : table).replaceWith(box);
  box.append(table);
  nameRows(document, table);
  if (labelCells(document, table)) box.classList.add("labelled");
  const figure = make(document, "figure", "table");
  const caption = captionBefore(box);
  const own = table.querySelector("caption");
  box.setAttribute("role", "group");
  box.setAttribute("tabindex", "0");
  if (caption === undefined && own === null) {
    box.setAttribute("aria-label", `Table ${number}`);
    box.replaceWith(figure);
  } else {
    const text = document.createElement("figcaption");
    text.id = `table-${number}`;
    text.append(...(caption ?? own)!.childNodes);
    own?.remove();
    figure.append(text);
    box.setAttribute("aria-labelledby", text.id);
    if (caption === undefined) box.replaceWith(figure);
    else {
      caption.remove();
      box.replaceWith(figure);
    }
  }
  figure.append(box);
}

function uniqueId(taken: Set<string>, wanted: string): string {
  let id = wanted;
  for (let k = 2; taken.has(id); k++) id = `${wanted}-${k}`;
  taken.add(id);
  return id;
}

function slug(text: string): string {
  return text.normalize("NFKD").toLowerCase().replace(/[^\p{Letter}\p{Number}]+/gu, "-")
    .replace(/^-|-$/g, "") || "section";
}

function arrangeHeadings(document: Document, body: Element): Heading[] {
  const taken = new Set([...body.querySelectorAll("[id]")].map(({ id }) => id));
  return [...body.querySelectorAll("h1, h2, h3, h4, h5, h6")].flatMap((heading) => {
    for (const anchor of heading.querySelectorAll("a.anchor-link")) anchor.remove();
    const copy = heading.cloneNode(true) as Element;
    for (const extra of copy.querySelectorAll("annotation")) extra.remove();
    const text = textOf(copy);
    if (text === "") {
      // Nothing to read: no heading.
      heading.replaceWith(document.createElement("p"));
      return [];
    }
    heading.id = uniqueId(taken, slug(text));
    for (const link of copy.querySelectorAll("a")) link.replaceWith(...link.childNodes);
    const label = [...copy.childNodes].map((node) =>
      node.nodeType === 1 ? (node as Element).outerHTML : escapeHtml(node.textContent ?? "")
    ).join("");
    return [{ level: Number(heading.localName.slice(1)), id: heading.id, label }];
  });
}

/** An image without a text gets an empty one: a reader then skips it. Code that scrolls gets the focus. */
function arrangeRest(body: Element): void {
  for (const code of body.querySelectorAll(".text pre")) code.setAttribute("tabindex", "0");
  for (const image of body.querySelectorAll("img:not([alt])")) image.setAttribute("alt", "");
}

/**
 * Arranges a page's body: tables become figures in a box that scrolls by keyboard, with headers of rows
 * and columns, and with the columns' titles beside the values for narrow screens; headings get ids.
 *
 * @param html The body; it is not cleaned.
 * @param more What this kind of page needs besides; it is called first.
 * @returns The body, and its headings in order.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const { headings } = arrange("<h2>Worst case</h2><p>text</p>");
 * assertEquals(headings, [{ level: 2, id: "worst-case", label: "Worst case" }]);
 * ```
 */
export function arrange(html: string, more: (body: Element) => void = () => {}): Arranged {
  const document = parsePage(`<!DOCTYPE html><body>${html}`);
  const { body } = document;
  more(body);
  [...body.querySelectorAll("table")].forEach((table, k) => arrangeTable(document, table, k + 1));
  const headings = arrangeHeadings(document, body);
  arrangeRest(body);
  return { body: body.innerHTML, headings };
}

/**
 * The table of contents of a page.
 *
 * @param headings Those of the levels 2 and 3 are listed.
 * @returns A `nav` element; empty if there is nothing to list.
 */
export function contents(headings: readonly Heading[]): string {
  const items = headings.filter(({ level }) => level === 2 || level === 3)
    .map(({ level, id, label }) => `<li class="level-${level}"><a href="#${id}">${label}</a></li>`);
  if (items.length === 0) return "";
  return `<nav class="contents" aria-label="Contents"><details open><summary>Contents</summary>` +
    `<ol>${items.join("")}</ol></details></nav>`;
}
