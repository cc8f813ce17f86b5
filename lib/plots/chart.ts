import { JUPYTER_DISPLAY } from "../format/jupyter_display.ts";
import { createRequire } from "node:module";
// @ts-types="./_resvg.d.ts"
import { Resvg } from "@resvg/resvg-js";
import { fontCoverage } from "./_font_coverage.ts";
import { encodeIndexedPng } from "./_indexed_png.ts";
import { PAPER } from "./_palette.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import { requireText } from "../arguments/require.ts";

/** A finished chart: shown inline by Jupyter, saved as SVG and PNG. */
export interface Chart {
  /** A complete SVG document (with xmlns, role and label). */
  readonly svg: string;
  /** One line that says what is shown and the key numbers; read aloud and shown as plain text. */
  readonly summary: string;
  /**
   * The chart as PNG bytes at twice its nominal size. Rejects with a RangeError that names the text if
   * the font (DejaVu Sans) lacks a character of it, e.g. a Chinese one.
   */
  png(): Promise<Uint8Array>;
  /** Writes `<path>.svg` and `<path>.png`, each replaced atomically. */
  save(pathWithoutExtension: string): Promise<void>;
  /**
   * SVG, PNG (base64, at twice its nominal size, at most 256 colours) and summary by MIME type, for
   * Jupyter. JupyterLab draws the PNG where it does not trust a notebook.
   */
  [JUPYTER_DISPLAY](): Record<string, unknown>;
}

/** PNG pixels per SVG unit: sharp on dense screens, still small. */
const PNG_SCALE = 2;
const FONT_FILES = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"];

// resvg draws no text at all without a font file, and the system's fonts differ from machine to
// machine: only the fonts of the pinned package are used.
function fontFiles(): string[] {
  const require = createRequire(import.meta.url);
  return FONT_FILES.map((name) => require.resolve(`dejavu-fonts-ttf/ttf/${name}`));
}

/** The text between the tags. */
const textOf = (svg: string) => svg.replace(/<[^>]*>/g, "\n");

/** A character of a chart that the font lacks. */
function missingPicture(svg: string): string | undefined {
  // deno-lint-ignore no-control-regex -- ASCII needs no look into the font
  const others = new Set(textOf(svg).replace(/[\u0000-\u007f]/g, ""));
  if (others.size === 0) return undefined;
  const covers = fontCoverage(Deno.readFileSync(fontFiles()[0]!));
  return [...others].find((one) => !covers(one.codePointAt(0)!));
}

// A character without a picture would be left out of the PNG, or drawn as an empty box.
function requirePictures(svg: string): void {
  const missing = missingPicture(svg);
  if (missing === undefined) return;
  const text = textOf(svg);
  const line = text.split("\n").find((one) => one.includes(missing))!.trim();
  const code = missing.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  throw new RangeError(
    `Expected the texts of a chart to be in scripts of DejaVu Sans, the font of its PNG, but found ` +
      `"${missing}" (U+${code}) in "${line}": name it in Latin, Greek, Cyrillic, Arabic or Hebrew ` +
      `letters; only the SVG can show it as it is, with a font of the reader's`,
  );
}

function render(svg: string, ground: { readonly background?: string } = {}) {
  return new Resvg(svg, {
    ...ground,
    fitTo: { mode: "zoom", value: PNG_SCALE },
    font: {
      loadSystemFonts: false,
      fontFiles: fontFiles(),
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
    },
  }).render();
}

function rasterize(svg: string): Uint8Array {
  requirePictures(svg);
  return new Uint8Array(render(svg).asPng());
}

/** The small PNG of a chart; undefined where the font lacks a character, which only the SVG shows. */
function displayedPng(svg: string): string | undefined {
  if (missingPicture(svg) !== undefined) return undefined;
  const { pixels, width } = render(svg, { background: PAPER }); // no alpha
  return encodeIndexedPng(pixels, width).toBase64();
}

function display(svg: string, summary: string): Record<string, unknown> {
  const png = displayedPng(svg);
  return {
    "image/svg+xml": svg,
    ...(png === undefined ? {} : { "image/png": png }),
    "text/plain": summary,
  };
}

/**
 * Wraps an SVG document as a {@linkcode Chart}.
 *
 * @param svg A complete SVG document.
 * @param summary One line of text: what is shown, and its key numbers.
 * @returns The chart.
 * @throws {RangeError} If svg does not start with an `<svg` element that names its xmlns, or the
 * summary is empty or has several lines.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { JUPYTER_DISPLAY } from "../format/jupyter_display.ts";
 * const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"></svg>';
 * const chart = createChart(svg, "An empty chart");
 * assertEquals(Object.keys(chart[JUPYTER_DISPLAY]()), ["image/svg+xml", "image/png", "text/plain"]);
 * ```
 */
export function createChart(svg: string, summary: string): Chart {
  requireText("svg", svg);
  requireText("summary", summary);
  if (!/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/.test(svg)) {
    throw new RangeError(
      `Expected svg to start with an <svg> element with xmlns but found ${svg.slice(0, 40)}`,
    );
  }
  if (summary.trim() === "" || summary.includes("\n")) {
    throw new RangeError(`Expected summary to be one line of text but found "${summary}"`);
  }
  const png = () => Promise.resolve().then(() => rasterize(svg));
  return {
    svg,
    summary,
    png,
    async save(pathWithoutExtension) {
      const bytes = await png(); // before anything is written: no SVG without its PNG
      await writeAtomically(`${pathWithoutExtension}.svg`, svg);
      await writeAtomically(`${pathWithoutExtension}.png`, bytes);
    },
    [JUPYTER_DISPLAY]: () => display(svg, summary),
  };
}
