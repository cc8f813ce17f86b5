import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import type { Chart } from "./chart.ts";
import { chartOptionNames, type ChartOptions, figure } from "./figure.ts";
import { BLUE, INK, MUTED_INK, VERMILLION } from "./_palette.ts";
import { type Panel, WIDE } from "./_panel.ts";
import { pngDataUri } from "./_png.ts";
import {
  requireFinite,
  requireLabels,
  requireLength,
  requireNames,
  requireSome,
} from "./_require.ts";
import { svgText, textWidth, wrapText } from "./_text.ts";
import { requireInteger, requireList, requireOneOf, requireParts } from "../arguments/require.ts";
import { percent } from "../format/percent.ts";
import { epsilonText } from "../format/epsilon.ts";

/** One row of pictures. */
export interface ExampleRow {
  /** What was done to the images, e.g. "clean" or "PGD, epsilon 8/255". */
  readonly name: string;
  /** N x height x width x channels; bytes (0 to 255) in a Uint8Array, else numbers in [0, 1]. */
  readonly images: Uint8Array | Float32Array | Float64Array;
  /** N predicted classes. */
  readonly predicted: ArrayLike<number>;
  /** N confidences, fractions; written below the class. */
  readonly confidences?: ArrayLike<number>;
}

/** What {@linkcode exampleGrid} draws. */
export interface ExampleGridInput {
  /** E.g. clean, adversarial, noise; the first row is the one perturbations are measured from. */
  readonly rows: readonly ExampleRow[];
  /** N true classes. */
  readonly labels: ArrayLike<number>;
}

const inputNames: OptionNames<ExampleGridInput> = { rows: true, labels: true };
const rowNames: OptionNames<ExampleRow> = {
  name: true,
  images: true,
  predicted: true,
  confidences: true,
};

/** Options of {@linkcode exampleGrid}. */
export interface ExampleGridOptions extends ChartOptions {
  /** K names; default "0", "1", ... */
  readonly classNames?: readonly string[];
  /**
   * Shape of an image, e.g. a dataset's `imageShape`; 1 channel is grey, 3 are red, green and blue.
   * Default [32, 32, 3].
   */
  readonly imageShape?: readonly [height: number, width: number, channels: number];
  /** Height and width of colour images, where `imageShape` is not given. */
  readonly size?: readonly [height: number, width: number];
  /** Name of a row whose difference from the first row is shown, magnified, in a row of its own. */
  readonly perturbation?: string;
  /** How to read the grid, below it. Default: what the frames and captions of predictions mean. */
  readonly note?: string;
}

const optionNames: OptionNames<ExampleGridOptions> = {
  ...chartOptionNames,
  classNames: true,
  size: true,
  imageShape: true,
  perturbation: true,
  note: true,
};

const READING_NOTE =
  "Bold: true class. Below each image: predicted class, ✓ right (solid frame), ✗ wrong (dashed frame).";
const IMAGE = 80;
const CAPTION = 13;
const ROW_HEADER = 22;

interface Cell {
  readonly uri: string;
  /** Absent in the row of perturbations. */
  readonly caption?: { readonly text: string; readonly right: boolean; readonly below?: string };
}

interface Row {
  readonly name: string;
  readonly cells: readonly Cell[];
}

function isBytes(images: ExampleRow["images"]): images is Uint8Array {
  return images instanceof Uint8Array;
}

function toBytes(images: ExampleRow["images"]): Uint8Array {
  if (isBytes(images)) return images;
  return Uint8Array.from(images, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
}

function toUnit(images: ExampleRow["images"]): Float64Array {
  return Float64Array.from(images, (value) => isBytes(images) ? value / 255 : value);
}

type ImageShape = NonNullable<ExampleGridOptions["imageShape"]>;

/** The shape of the images, and a sentence that names it where they have another one. */
function shapeOf({ rows, labels }: ExampleGridInput, options: ExampleGridOptions): ImageShape {
  const { size = [32, 32], imageShape = [...size, 3] } = options;
  requireList("imageShape", imageShape);
  requireLength("imageShape", imageShape.length, 3);
  imageShape.forEach((side, axis) => requireInteger(`imageShape[${axis}]`, side, { min: 1 }));
  const [height, width, channels] = imageShape;
  requireOneOf("imageShape[2], the channels,", channels, [1, 3]);
  for (const { name, images } of rows) {
    const expected = labels.length * height * width * channels;
    if (images.length === expected) continue;
    throw new RangeError(
      `Expected the ${name} images to hold ${expected} values, ${labels.length} images of ` +
        `${height} x ${width} x ${channels}, but found ${images.length}; name their shape with ` +
        "imageShape: [height, width, channels]",
    );
  }
  return imageShape;
}

function check({ rows, labels }: ExampleGridInput, classes: number): void {
  requireSome("rows", rows.length);
  requireSome("labels", labels.length);
  requireLabels("labels", labels, classes);
  for (const { name, images, predicted, confidences } of rows) {
    requireFinite(`${name} images`, images);
    requireLength(`${name} predicted`, predicted.length, labels.length);
    requireLabels(`${name} predicted`, predicted, classes);
    if (confidences !== undefined) {
      requireLength(`${name} confidences`, confidences.length, labels.length);
      requireFinite(`${name} confidences`, confidences);
    }
  }
}

type Uris = (bytes: Uint8Array) => string[];

function pictureRow(
  row: ExampleRow,
  labels: ArrayLike<number>,
  names: readonly string[],
  uris: Uris,
) {
  return {
    name: row.name,
    cells: uris(toBytes(row.images)).map((uri, index): Cell => {
      const confidence = row.confidences?.[index];
      return {
        uri,
        caption: {
          text: names[row.predicted[index]!]!,
          right: row.predicted[index] === labels[index],
          ...(confidence === undefined ? {} : { below: percent(confidence, 0) }),
        },
      };
    }),
  };
}

// Grey means unchanged; the largest change of all becomes black or white.
function perturbationRow(clean: ExampleRow, changed: ExampleRow, uris: Uris): Row {
  const before = toUnit(clean.images);
  const difference = toUnit(changed.images).map((value, index) => value - before[index]!);
  const largest = difference.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const factor = largest === 0 ? 1 : Math.max(1, Math.floor(0.5 / largest));
  const bytes = toBytes(difference.map((value) => 0.5 + factor * value));
  // A tenth of a 255th is precise enough, or one digit of less.
  const tenths = largest * 2550;
  const most = epsilonText(
    (tenths < 1 ? Number(tenths.toPrecision(1)) : Math.round(tenths)) / 2550,
  );
  return {
    name: `perturbation of "${changed.name}" × ${factor} (largest: ${most})`,
    cells: uris(bytes).map((uri) => ({ uri })),
  };
}

interface Geometry {
  /** Size of a picture; its longer side is IMAGE. */
  readonly picture: readonly [height: number, width: number];
  readonly cell: number;
  readonly columns: number;
}

function drawCell(
  { uri, caption }: Cell,
  x: number,
  y: number,
  { cell, picture: [height, width] }: Geometry,
): string {
  // optimizeSpeed is the one value for nearest-neighbour scaling that renderers and browsers share.
  const left = x + (cell - width) / 2;
  const top = y + (IMAGE - height) / 2;
  const picture = `<image x="${left}" y="${top}" width="${width}" height="${height}" ` +
    `image-rendering="optimizeSpeed" href="${uri}"/>`;
  if (caption === undefined) return picture;
  const [mark, fill] = caption.right ? ["✓", BLUE] : ["✗", VERMILLION];
  const style = { size: CAPTION, anchor: "middle" } as const;
  const frame = `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" ` +
    `stroke="${fill}" stroke-width="2"${caption.right ? "" : ' stroke-dasharray="5 3"'}/>`;
  const middle = x + cell / 2;
  return picture + frame +
    svgText(`${mark} ${caption.text}`, middle, y + IMAGE + 16, { ...style, fill }) +
    (caption.below === undefined
      ? ""
      : svgText(caption.below, middle, y + IMAGE + 32, { ...style, fill: MUTED_INK }));
}

function block(
  rows: readonly Row[],
  truths: readonly string[],
  geometry: Geometry,
): Panel {
  const { cell, columns } = geometry;
  const width = Math.max(WIDE, columns * cell);
  let [body, y] = ["", 16];
  truths.forEach((truth, index) => {
    body += svgText(truth, (index + 0.5) * cell, y, {
      size: CAPTION,
      bold: true,
      anchor: "middle",
    });
  });
  y += 8;
  for (const { name, cells } of rows) {
    for (const line of wrapText(name, width)) {
      body += svgText(line, 0, y + 15, { fill: INK });
      y += ROW_HEADER;
    }
    cells.forEach((one, index) => body += drawCell(one, index * cell, y, geometry));
    const below = cells.some((one) => one.caption?.below !== undefined);
    y += IMAGE + (cells[0]?.caption === undefined ? 8 : below ? 40 : 24);
  }
  return { width, height: y, body };
}

function layout(
  names: readonly string[],
  count: number,
  [height, width]: ImageShape,
): Geometry {
  const widest = Math.max(...names.map((name) => textWidth(`✗ ${name}`, CAPTION)));
  const bold = Math.max(...names.map((name) => textWidth(name, CAPTION, true)));
  const cell = Math.ceil(Math.max(IMAGE + 8, widest + 6, bold + 6));
  const scale = IMAGE / Math.max(height, width);
  const picture = [Math.round(scale * height), Math.round(scale * width)] as const;
  return { picture, cell, columns: Math.min(count, Math.max(1, Math.floor((WIDE + 30) / cell))) };
}

/**
 * Pictures in rows under their true classes, e.g. clean, adversarial and noise: each with its
 * predicted class, right (tick, solid frame) or wrong (cross, dashed frame); on wish the
 * perturbation, magnified.
 *
 * @param input Rows of N images with their predictions, and N labels.
 * @returns A chart. More images than fit beside each other continue below.
 * @throws {RangeError} If there is nothing to show, the images have another shape, lengths differ, a label has no name, or
 * perturbation names no later row.
 * @example
 * ```ts
 * import { assertStringIncludes } from "@trusted-ai-lab/lab/assert";
 * const images = new Float32Array(2 * 4 * 4 * 3).fill(0.5);
 * const rows = [
 *   { name: "clean", images, predicted: [0, 1] },
 *   { name: "noise", images: images.map((value) => value + 0.01), predicted: [0, 0] },
 * ];
 * const chart = exampleGrid({ rows, labels: [0, 1] }, { imageShape: [4, 4, 3], perturbation: "noise" });
 * assertStringIncludes(chart.summary, "clean 2 of 2 right, noise 1 of 2 right");
 * ```
 */
export function exampleGrid(input: ExampleGridInput, options: ExampleGridOptions = {}): Chart {
  requireKnownOptions("exampleGrid", options, optionNames);
  requireParts("input", input, "an object with rows and labels", ["rows", "labels"]);
  requireKnownOptions("exampleGrid", input, inputNames);
  requireList("rows", input.rows);
  for (const row of input.rows) requireKnownOptions("exampleGrid.rows", row, rowNames);
  const { rows, labels } = input;
  const shape = shapeOf(input, options);
  const size = shape.reduce((product, side) => product * side);
  const largest = [labels, ...rows.map((row) => row.predicted)]
    .reduce((most, all) => Array.from(all).reduce((a, b) => Math.max(a, b), most), 0);
  const names = options.classNames ?? Array.from({ length: largest + 1 }, (_, one) => `${one}`);
  requireNames("classNames", names);
  check(input, names.length);
  const uris: Uris = (bytes) =>
    Array.from(
      { length: labels.length },
      (_, index) => pngDataUri(bytes.subarray(index * size, (index + 1) * size), shape),
    );
  const drawn: Row[] = rows.map((row) => pictureRow(row, labels, names, uris));
  if (options.perturbation !== undefined) {
    const changed = rows.slice(1).find((row) => row.name === options.perturbation);
    if (changed === undefined) {
      throw new RangeError(
        `Expected perturbation to name one of ${
          rows.slice(1).map((row) => `"${row.name}"`).join(", ")
        } but found "${options.perturbation}"`,
      );
    }
    drawn.push(perturbationRow(rows[0]!, changed, uris));
  }
  const geometry = layout(names, labels.length, shape);
  const panels: Panel[] = [];
  for (let start = 0; start < labels.length; start += geometry.columns) {
    const part = <T>(all: ArrayLike<T>) => Array.from(all).slice(start, start + geometry.columns);
    const truths = part(labels).map((label) => names[label]!);
    panels.push(block(drawn.map((row) => ({ ...row, cells: part(row.cells) })), truths, geometry));
  }
  const counts = rows.map(({ name, predicted }) => {
    const right = Array.from(predicted).filter((one, index) => one === labels[index]).length;
    return `${name} ${right} of ${labels.length} right`;
  });
  return figure({
    title: options.title ?? "Examples",
    subtitle: options.subtitle,
    panels,
    notes: [options.note ?? READING_NOTE],
    summary: counts.join(", "),
  });
}
