/** Longest text from a file that a message quotes, in characters. */
const LONGEST = 1000;

// Control, format (bidirectional marks) and unpaired surrogate characters; line separators.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
/** The same without what makes lines and columns. */
const UNPRINTABLE_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

const escaped = (character: string) => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/**
 * A text of several lines as a terminal may show it: what would steer the terminal or turn the reading
 * direction becomes an escape such as `\u{1b}`; line ends and tabs stay.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(printableLines("a\r\nb\u{9b}2J"), "a\\u{d}\nb\\u{9b}2J");
 * ```
 */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE_IN_LINES, escaped);
}

/**
 * Text from a file as a message may show it: characters that would steer a terminal or turn the
 * reading direction become escapes such as `\u{1b}`, and a very long text is cut.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(printable("fc.\u{1b}[2J"), "fc.\\u{1b}[2J");
 * ```
 */
export function printable(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return short.replace(UNPRINTABLE, escaped);
}
