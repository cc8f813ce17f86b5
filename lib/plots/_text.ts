/** Text measuring and wrapping, so that labels are never clipped and never overlap. */
import { escapeHtml } from "../format/escape_html.ts";

export const FONT_FAMILY = "DejaVu Sans, Verdana, sans-serif";
export const FONT_SIZE = 14;

// Advance widths of DejaVu Sans in 1/1000 em for U+0020 ... U+007E.
const ADVANCES = [
  ...[318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337],
  ...[636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531],
  ...[1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787],
  ...[603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500],
  ...[500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612],
  ...[635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838],
];
const OTHER_ADVANCE = 838;
/** East Asian letters are as wide as high. */
const WIDE_ADVANCE = 1000;
const FIRST_WIDE = 0x1100;
/** Bold faces of DejaVu run about an eighth wider. */
const BOLD_FACTOR = 1.13;

// Hangul and CJK (Unicode 16, East_Asian_Width W and F); symbols and scripts between are not.
function isWide(code: number): boolean {
  return code >= FIRST_WIDE &&
    (code <= 0x115f || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) || (code >= 0xff01 && code <= 0xff60) || code >= 0x1f300);
}

/** The width in pixels of one line of text. */
export function textWidth(text: string, size = FONT_SIZE, bold = false): number {
  let sum = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    sum += ADVANCES[code - 32] ?? (isWide(code) ? WIDE_ADVANCE : OTHER_ADVANCE);
  }
  return sum / 1000 * size * (bold ? BOLD_FACTOR : 1);
}

// A word longer than the line (a run's id, a hash) is cut after its last hyphen that fits, else
// where the line ends.
function splitWord(word: string, width: number, size: number, bold: boolean): string[] {
  if (textWidth(word, size, bold) <= width) return [word];
  for (let cut = word.length - 1; cut > 0; cut--) {
    if (word[cut - 1] === "-" && textWidth(word.slice(0, cut), size, bold) <= width) {
      return [word.slice(0, cut), ...splitWord(word.slice(cut), width, size, bold)];
    }
  }
  const parts: string[] = [];
  let part = "";
  for (const character of word) {
    if (part !== "" && textWidth(part + character, size, bold) > width) {
      parts.push(part);
      part = "";
    }
    part += character;
  }
  return [...parts, part];
}

/** Breaks text into lines no wider than `width` pixels. */
export function wrapText(text: string, width: number, size = FONT_SIZE, bold = false): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).flatMap((one) => splitWord(one, width, size, bold))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, size, bold) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}

// XML 1.0 forbids most control characters and lone surrogates; the others have no picture.
const UNDRAWABLE =
  // deno-lint-ignore no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u;

/**
 * Requires text without control characters, tabs and line breaks aside, and without halves of
 * surrogate pairs.
 *
 * @throws {RangeError} Naming the text and the character.
 */
export function requireDrawable(text: string): void {
  const found = UNDRAWABLE.exec(text)?.[0];
  if (found === undefined) return;
  const code = found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  const at = text.indexOf(found);
  // Of markup, the text between two tags.
  const [before, after] = [text.slice(0, at).split(">").at(-1)!, text.slice(at).split("<")[0]!];
  const near = before.slice(-30) + after.slice(0, 30);
  throw new RangeError(
    `Expected the texts of a chart to hold characters that can be drawn but found U+${code} in ` +
      `${JSON.stringify(near)}: remove it from the title, name or note`,
  );
}

/** Attributes of {@linkcode svgText}. */
export interface TextStyle {
  readonly size?: number;
  readonly bold?: boolean;
  readonly fill?: string;
  readonly anchor?: "start" | "middle" | "end";
}

/** A `<text>` element whose baseline is at y. */
export function svgText(text: string, x: number, y: number, style: TextStyle = {}): string {
  requireDrawable(text);
  const attributes = [
    `x="${Math.round(x * 100) / 100}"`,
    `y="${Math.round(y * 100) / 100}"`,
    style.size === undefined ? "" : `font-size="${style.size}"`,
    style.bold ? 'font-weight="bold"' : "",
    style.fill === undefined ? "" : `fill="${style.fill}"`,
    `text-anchor="${style.anchor ?? "start"}"`,
  ].filter((attribute) => attribute !== "");
  return `<text ${attributes.join(" ")}>${escapeHtml(text)}</text>`;
}
