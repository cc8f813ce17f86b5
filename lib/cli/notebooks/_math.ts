import temml from "temml";

// Code comes first, so that a dollar sign inside it is no formula; a formula on a line of its own
// next; then one inside a line, whose dollars touch it (so "$5 and $6" stays text).
const MATH =
  /(?<code>^(?<fence>```+|~~~+)[\s\S]*?^\k<fence>|(?<ticks>`+)[\s\S]*?\k<ticks>|\\\$)|\$\$(?<block>[\s\S]+?)\$\$|\$(?<inline>(?!\s)(?:\\.|[^$\\\n])+?(?<!\s))\$(?!\d)/gm;

/** Formulas taken out of markdown, to be put back into the page made from it. */
export interface ExtractedMath {
  /** Markdown in which a word stands for each formula. */
  readonly markdown: string;
  /** MathML by word. */
  readonly formulas: ReadonlyMap<string, string>;
}

function render(tex: string, displayMode: boolean): string {
  try {
    return temml.renderToString(tex.trim(), { displayMode, annotate: true, throwOnError: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot typeset the formula "${tex.trim()}": ${reason}`, { cause: error });
  }
}

/**
 * Typesets the TeX in markdown as MathML, which browsers show without a script. Each formula is
 * replaced by a word that markdown leaves alone; {@linkcode insertMath} puts the formulas back.
 *
 * @param markdown Text with `$...$` and `$$...$$`; dollars inside code are left alone.
 * @param first The number of the first word.
 * @throws {Error} Showing the formula that is not understood.
 * @example
 * ```ts
 * import { assertEquals, assertMatch } from "@trusted-ai-lab/lab/assert";
 * const { markdown, formulas } = extractMath("at $\\epsilon$ and `$HOME`");
 * assertEquals(markdown, "at formula0z and `$HOME`");
 * assertMatch(insertMath(`<p>${markdown}</p>`, formulas), /<p>at <math.*ϵ.*<\/math> and/);
 * ```
 */
export function extractMath(markdown: string, first = 0): ExtractedMath {
  const formulas = new Map<string, string>();
  const replaced = markdown.replace(MATH, (whole: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as { code?: string; block?: string; inline?: string };
    if (groups.code !== undefined) return whole;
    const word = `formula${first + formulas.size}z`;
    formulas.set(word, render(groups.block ?? groups.inline ?? "", groups.block !== undefined));
    return word;
  });
  return { markdown: replaced, formulas };
}

/**
 * Puts formulas into a page. Inside a tag (a heading's id, say) their words are dropped.
 *
 * @param html The page.
 * @param formulas MathML by word.
 */
export function insertMath(html: string, formulas: ReadonlyMap<string, string>): string {
  return html
    .replace(/<[^>]*formula\d+z[^>]*>/g, (tag) => tag.replace(/formula\d+z/g, ""))
    .replace(/formula\d+z/g, (word) => formulas.get(word) ?? word);
}
