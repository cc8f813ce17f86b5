import { INK } from "./_palette.ts";
import { type SymbolName, symbolPath } from "./_symbols.ts";
import { svgText, textWidth, wrapText } from "./_text.ts";

/** One key of a legend. The key shows what is given: a line, a symbol, a filled box. */
export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly symbol?: SymbolName;
  /** A horizontal line with this dash pattern. */
  readonly dash?: string;
  /** A filled box. */
  readonly box?: boolean;
  /** A vertical line with this dash pattern (for events on the x axis). */
  readonly vertical?: string;
  /** An open ring (for a marked point). */
  readonly ring?: boolean;
}

const LINE_KEY = 30;
const SYMBOL_KEY = 16;
const LINE_HEIGHT = 21;
const GAP = 18;

const keyWidth = (entry: LegendEntry) => entry.dash === undefined ? SYMBOL_KEY : LINE_KEY;

function key(entry: LegendEntry, x: number, y: number): string {
  const wide = keyWidth(entry);
  const middle = x + wide / 2;
  let drawn = "";
  if (entry.box) {
    drawn += `<rect x="${middle - 7}" y="${y - 7}" width="14" height="14" fill="${entry.color}" ` +
      `stroke="${INK}" stroke-width="0.5"/>`;
  }
  if (entry.dash !== undefined) {
    drawn += `<path d="M${x},${y}h${wide}" stroke="${entry.color}" stroke-width="2.2" ` +
      `stroke-dasharray="${entry.dash}" fill="none"/>`;
  }
  if (entry.vertical !== undefined) {
    drawn += `<path d="M${middle},${y - 8}v16" stroke="${entry.color}" stroke-width="1.5" ` +
      `stroke-dasharray="${entry.vertical}" fill="none"/>`;
  }
  if (entry.symbol !== undefined) {
    drawn += `<path d="${symbolPath(entry.symbol, middle, y, 5)}" fill="${entry.color}"/>`;
  }
  if (entry.ring) {
    drawn += `<circle cx="${middle}" cy="${y}" r="7" fill="none" stroke="${entry.color}" ` +
      `stroke-width="1.8"/>`;
  }
  return drawn;
}

/**
 * Lays the keys out in rows no wider than `width`; long labels wrap.
 *
 * @returns SVG content whose top left corner is (0, 0), and its height.
 */
export function legend(
  entries: readonly LegendEntry[],
  width: number,
): { body: string; height: number } {
  let [body, x, row, rowLines] = ["", 0, 0, 1];
  for (const entry of entries) {
    const indent = keyWidth(entry) + 6;
    const lines = wrapText(entry.label, width - indent);
    const wide = indent + Math.max(...lines.map((line) => textWidth(line)));
    if (x > 0 && x + wide > width) {
      row += rowLines;
      [x, rowLines] = [0, 1];
    }
    const top = row * LINE_HEIGHT;
    body += key(entry, x, top + 10);
    lines.forEach((line, index) => {
      body += svgText(line, x + indent, top + 15 + index * LINE_HEIGHT);
    });
    rowLines = Math.max(rowLines, lines.length);
    x += wide + GAP;
  }
  return { body, height: entries.length === 0 ? 0 : (row + rowLines) * LINE_HEIGHT };
}
