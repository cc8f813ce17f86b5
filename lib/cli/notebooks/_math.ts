import temml from "temml";
import { escapeHtml } from "../../format/escape_html.ts";
import { findMath } from "./_find_math.ts";

/** Up to three braces deep. */
const BRACED = String.raw`\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}`;
/** `\newcommand{\E}[1]{...}`, `\def\E{...}`, `\DeclareMathOperator{\softmax}{softmax}`. */
const DEFINITION = new RegExp(
  String
    .raw`\\(?<kind>(?:re|provide)?(?:new)?command|g?def|DeclareMathOperator\*?)\*?\s*\{?(?<name>\\(?:[A-Za-z]+|.))\}?\s*` +
    String.raw`(?<arguments>(?:\[\d\])?(?:\[[^\]]*\])?|(?:#\d)*)\s*(?<body>${BRACED})`,
  "g",
);

/** A formula that could not be typeset. */
export interface BadFormula {
  readonly tex: string;
  readonly reason: string;
}

/** Formulas taken out of markdown, to be put back into the page made from it. */
export interface ExtractedMath {
  /** Markdown in which a word stands for each formula. */
  readonly markdown: string;
  /** MathML by word. */
  readonly formulas: ReadonlyMap<string, string>;
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ at (?:position \d+|end of input):[\s\S]*$/, "").trim();
}

/** What Temml does not know by the name that students use. */
function withKnownNames(tex: string, labels: ReadonlyMap<string, string>): string {
  return tex
    .replaceAll("\\begin{eqnarray}", "\\begin{array}{rcl}")
    .replaceAll("\\begin{eqnarray*}", "\\begin{array}{rcl}")
    .replace(/\\end\{eqnarray\*?\}/g, "\\end{array}")
    .replace(/\\(eq)?ref\{([^}]*)\}/g, (_, bracket: string | undefined, label: string) => {
      const text = labels.get(label) ?? label;
      return bracket === undefined ? `\\text{${text}}` : `\\text{(${text})}`;
    });
}

/**
 * Typesets the formulas of one notebook as MathML, which browsers show without a script and screen
 * readers read. A macro that one formula defines holds in those after it, as in Jupyter. A formula that
 * is not understood is shown as its source, with the reason.
 */
export class MathTypesetter {
  /** The formulas that could not be typeset so far. */
  readonly bad: BadFormula[] = [];
  readonly #definitions = new Map<string, string>();
  readonly #labels = new Map<string, string>();
  #preamble: object | undefined;
  #words = 0;

  /**
   * Takes the formulas out of markdown. Each is replaced by a word that markdown leaves alone;
   * {@linkcode insertMath} puts the formulas back.
   *
   * @param markdown Text with formulas; those inside code are left alone.
   * @example
   * ```ts
   * import { assertEquals, assertMatch } from "@trusted-ai-lab/lab/assert";
   * const { markdown, formulas } = new MathTypesetter().extract("at $\\epsilon$ and `$HOME`");
   * assertEquals(markdown, "at formula0z and `$HOME`");
   * assertMatch(insertMath(`<p>${markdown}</p>`, formulas), /<p>at <math.*ϵ.*<\/math> and/);
   * ```
   */
  extract(markdown: string): ExtractedMath {
    const formulas = new Map<string, string>();
    let [text, end] = ["", 0];
    for (const { start, end: next, tex, display } of findMath(markdown)) {
      const word = `formula${this.#words++}z`;
      formulas.set(word, this.#render(tex, display));
      text += markdown.slice(end, start) + word;
      end = next;
    }
    return { markdown: text + markdown.slice(end), formulas };
  }

  #render(source: string, displayMode: boolean): string {
    const label = /\\label\{([^}]*)\}/.exec(source)?.[1];
    const tag = /\\tag\*?\{([^}]*)\}/.exec(source)?.[1];
    if (label !== undefined && tag !== undefined) this.#labels.set(label, tag);
    const tex = this.#withoutDefinitions(source).trim();
    if (tex === "") return "";
    try {
      return temml.renderToString(withKnownNames(tex, this.#labels), {
        displayMode,
        annotate: true,
        throwOnError: true,
        macros: this.#macros(),
      });
    } catch (error) {
      const reason = reasonOf(error);
      this.bad.push({ tex, reason });
      const shown = `<code>${escapeHtml(tex)}</code> <small>(not typeset: ${
        escapeHtml(reason)
      })</small>`;
      return displayMode
        ? `<span class="bad-formula display">${shown}</span>`
        : `<span class="bad-formula">${shown}</span>`;
    }
  }

  /** Remembers what a formula defines, and takes it out of it. */
  #withoutDefinitions(tex: string): string {
    return tex.replace(DEFINITION, (whole: string, ...rest: unknown[]) => {
      const groups = rest.at(-1) as Record<"kind" | "name" | "arguments" | "body", string>;
      const { kind, name, body } = groups;
      if (kind.startsWith("Declare")) {
        const star = whole.includes("Operator*") ? "*" : "";
        this.#definitions.set(name, `\\newcommand{${name}}{\\operatorname${star}${body}}`);
      } else if (kind.endsWith("def")) {
        const count = (groups.arguments.match(/#/g) ?? []).length;
        this.#definitions.set(name, `\\newcommand{${name}}${count ? `[${count}]` : ""}${body}`);
      } else {
        this.#definitions.set(name, `\\newcommand{${name}}${groups.arguments}${body}`);
      }
      this.#preamble = undefined;
      return "";
    });
  }

  /** New for each formula: what one leaves there must not reach the next. */
  #macros(): Record<string, unknown> {
    this.#preamble ??= [...this.#definitions.values()].reduce((macros, definition) => {
      try {
        return Object.assign(macros, temml.definePreamble(definition));
      } catch {
        return macros; // The formulas that use it say what is missing.
      }
    }, {});
    return { ...this.#preamble };
  }
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
