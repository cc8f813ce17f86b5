/** Colours, symbols and dashes. Every series differs in at least two of them, so a chart reads
 * without colour. */
import type { SymbolName } from "./_symbols.ts";

/** Text and axes. Fixed, never `currentColor`: a dark notebook would turn it white on white. */
export const INK = "#1a1a1a";
export const MUTED_INK = "#4d4d4d";
export const GRID = "#e3e3e3";
export const CONTEXT = "#b8b8b8";
export const PAPER = "#ffffff";

/** Okabe & Ito 2008, "Color Universal Design", ordered for contrast on white. */
export const BLUE = "#0072B2";
export const VERMILLION = "#D55E00";
export const GREEN = "#009E73";
export const PURPLE = "#CC79A7";
export const ORANGE = "#E69F00";
export const SKY = "#56B4E9";
export const BLACK = "#000000";
/** Darker than Okabe and Ito's yellow (#F0E442), which vanishes on white. */
export const YELLOW = "#B5A800";

/** How one series looks. */
export interface SeriesStyle {
  readonly color: string;
  readonly symbol: SymbolName;
  /** SVG stroke-dasharray; "none" for a solid line. */
  readonly dash: string;
}

const SERIES: readonly SeriesStyle[] = [
  { color: BLUE, symbol: "circle", dash: "none" },
  { color: VERMILLION, symbol: "square", dash: "7 4" },
  { color: GREEN, symbol: "triangleUp", dash: "2 3" },
  { color: PURPLE, symbol: "diamond", dash: "9 3 2 3" },
  { color: ORANGE, symbol: "triangleDown", dash: "12 4" },
  { color: BLACK, symbol: "cross", dash: "4 2" },
  { color: SKY, symbol: "plus", dash: "none" },
];

// The eight Okabe-Ito colours plus grey and a dark brown make ten classes.
const CLASSES: readonly string[] = [
  BLUE,
  VERMILLION,
  GREEN,
  PURPLE,
  ORANGE,
  SKY,
  BLACK,
  YELLOW,
  "#8c8c8c",
  "#6b3a1e",
];
const CLASS_SYMBOLS: readonly SymbolName[] = [
  "circle",
  "square",
  "triangleUp",
  "diamond",
  "triangleDown",
  "plus",
  "cross",
  "star",
  "triangleLeft",
  "triangleRight",
];

/** The style of the series at this position; colours repeat after 7, colour and dash after 49. */
export function seriesStyle(position: number): SeriesStyle {
  const { color } = SERIES[position % SERIES.length]!;
  const turn = Math.floor(position / SERIES.length);
  return { ...SERIES[(position + turn) % SERIES.length]!, color };
}

/** More classes than this have no colour and symbol of their own. */
export const MOST_CLASS_STYLES = CLASSES.length * CLASS_SYMBOLS.length;

/** The style of a class; colours repeat after 10, colour and symbol after 100. */
export function classStyle(label: number): SeriesStyle {
  const turn = Math.floor(label / CLASSES.length);
  return {
    color: CLASSES[label % CLASSES.length]!,
    symbol: CLASS_SYMBOLS[(label + turn) % CLASS_SYMBOLS.length]!,
    dash: "none",
  };
}

/** White to `color`, mixed in sRGB; `share` in [0, 1]. */
export function tint(color: string, share: number): string {
  const part = (start: number) => {
    const full = parseInt(color.slice(start, start + 2), 16);
    return Math.round(255 + (full - 255) * share).toString(16).padStart(2, "0");
  };
  return `#${part(1)}${part(3)}${part(5)}`;
}

/** Black or white, whichever has the higher contrast on `background` (WCAG 2 luminance). */
export function inkOn(background: string): string {
  const channel = (start: number) => {
    const value = parseInt(background.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 ? PAPER : BLACK;
}
