/** Longest text from a file that a message quotes, in characters. */
const LONGEST = 1000;

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
  return short.replace(
    // Control, format (bidirectional marks) and unpaired surrogate characters; line separators.
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
