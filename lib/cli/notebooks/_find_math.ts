/** Where markdown holds formulas. */

/** A formula in markdown. */
export interface FoundFormula {
  readonly start: number;
  readonly end: number;
  /** Without delimiters. */
  readonly tex: string;
  readonly display: boolean;
}

// What is no formula comes first: code, comments, an escaped dollar. Then what may open one.
const OPENING =
  /(?<other>^[ \t>]*(?<fence>```+|~~~+)[\s\S]*?(?:^[ \t>]*\k<fence>|$(?![\s\S]))|(?<ticks>`+)(?!`)[\s\S]*?(?<!`)\k<ticks>(?!`)|<!--[\s\S]*?-->|<(?<element>pre|code)\b[\s\S]*?<\/\k<element>>|\\\$)|(?<open>\$\$?|\\\\?[([]|\\begin\{(?<name>[A-Za-z]+\*?)\})/gm;

/** Signs that prose in brackets or between two prices does not have. */
const MATHEMATICAL = /[\\^_={}<>+|]/;

/** Where a formula's content ends, from `from` on; -1 if it does not before the paragraph does. */
function indexWithin(markdown: string, closing: string, from: number): number {
  const end = markdown.indexOf(closing, from);
  if (end < 0) return -1;
  const blank = /\n[ \t]*\n/g;
  blank.lastIndex = from;
  const paragraph = blank.exec(markdown)?.index ?? Infinity;
  return end < paragraph ? end : -1;
}

/** Whether code between backticks starts at `at`: the dollars in it belong to no formula. */
function startsCode(markdown: string, at: number): boolean {
  const code = /(?<ticks>`+)(?!`)[\s\S]*?(?<!`)\k<ticks>(?!`)/y;
  code.lastIndex = at;
  return code.test(markdown);
}

function betweenDollars(markdown: string, start: number): FoundFormula | undefined {
  for (let at = start + 1; at < markdown.length; at++) {
    const sign = markdown[at]!;
    if (sign === "\\") at++;
    else if (sign === "`" && startsCode(markdown, at)) return undefined;
    else if (sign === "\n" && /^[ \t]*\n/.test(markdown.slice(at + 1))) return undefined;
    else if (sign === "$") {
      const tex = markdown.slice(start + 1, at);
      if (tex === "" || /\d/.test(markdown[at + 1] ?? "")) return undefined;
      const touches = !/^\s|\s$/.test(tex);
      // "$5 and $6" are prices; "$ x $" and "$ a = b $" are not.
      if (!touches && !MATHEMATICAL.test(tex) && !/^\s*[^\d\s]\s*$/.test(tex)) return undefined;
      return { start, end: at + 1, tex, display: false };
    }
  }
  return undefined;
}

/** The environment that opens at `start`; one of the same name may lie inside. */
function environment(markdown: string, start: number, name: string): FoundFormula | undefined {
  const tags = new RegExp(`\\\\(begin|end)\\{${name.replace("*", "\\*")}\\}`, "g");
  tags.lastIndex = start;
  let depth = 0;
  for (let tag = tags.exec(markdown); tag !== null; tag = tags.exec(markdown)) {
    depth += tag[1] === "begin" ? 1 : -1;
    const end = tag.index + tag[0].length;
    if (depth === 0) return { start, end, tex: markdown.slice(start, end), display: true };
  }
  return undefined;
}

function delimited(markdown: string, start: number, open: string): FoundFormula | undefined {
  const display = open === "$$" || open.endsWith("[");
  const closing = open === "$$" ? open : open.replace("(", ")").replace("[", "]");
  const from = start + open.length;
  const until = open === "$$"
    ? markdown.indexOf(closing, from)
    : indexWithin(markdown, closing, from);
  if (until < 0) return undefined;
  const tex = markdown.slice(from, until);
  // "\[1\]" and "\(see below\)" are brackets that markdown would take for something else.
  const alone = /(?:^|\n)[ \t>]*$/.test(markdown.slice(0, start)) && open.endsWith("[");
  if (open !== "$$" && !alone && !MATHEMATICAL.test(tex) && !/^\s*[A-Za-z]\s*$/.test(tex)) {
    return undefined;
  }
  if (tex.trim() === "") return undefined;
  return { start, end: until + closing.length, tex, display };
}

/**
 * Finds the formulas in markdown: `$...$`, `$$...$$`, `\(...\)`, `\[...\]`, the latter two also with
 * two backslashes, and environments such as `\begin{align}` that stand alone. Code is left alone.
 *
 * @returns In order; none overlaps another.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const found = findMath("a \\(x^2\\) for $5 or $6 and `$y$`");
 * assertEquals(found.map(({ tex }) => tex), ["x^2"]);
 * ```
 */
export function findMath(markdown: string): FoundFormula[] {
  const found: FoundFormula[] = [];
  const opening = new RegExp(OPENING);
  for (let match = opening.exec(markdown); match !== null; match = opening.exec(markdown)) {
    const { open, name } = match.groups!;
    if (open === undefined) continue;
    const start = match.index;
    const formula = name !== undefined
      ? environment(markdown, start, name)
      : open === "$"
      ? betweenDollars(markdown, start)
      : delimited(markdown, start, open);
    if (formula === undefined) {
      opening.lastIndex = start + (open === "$$" || name !== undefined ? open.length : 1);
      if (open.startsWith("\\\\")) opening.lastIndex = start + open.length;
      continue;
    }
    found.push(formula);
    opening.lastIndex = formula.end;
  }
  return found;
}
