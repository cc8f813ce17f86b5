import { type OptionNames, requireKnownOptions } from "../arguments/known_options.ts";
import { requireBoolean, requireList, requireText } from "../arguments/require.ts";
import type { NumericArray } from "../data/numeric_array.ts";
import { FileError } from "../files/file_error.ts";
import { thousands } from "../format/thousands.ts";
import { type ArrayFile, type ArrayKey, readArrayFile } from "./_array_file.ts";
import { type Predictions, predictionsFromLogits } from "./predictions.ts";
import { predictionsFromProbabilities } from "./predictions_from_probabilities.ts";

/** Options of {@linkcode loadPredictions}. */
export interface LoadPredictionsOptions {
  /** A file of labels, or N labels. Default: those in the file of the logits. */
  readonly labels?: string | ArrayLike<number>;
  /**
   * Whether the file holds probabilities. Default: by its keys; without keys (npy, CSV) logits.
   */
  readonly probabilities?: boolean;
}

/** A file that was read. */
export interface LoadedFile {
  /** As it was named. */
  readonly path: string;
  /** Of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Predictions from files, with what is known of these. */
export interface LoadedPredictions extends Predictions {
  /** What the file holds. */
  readonly scale: "logits" | "probabilities";
  /** K names, where the header of a CSV file has them. */
  readonly classNames?: readonly string[];
  /** The file of the logits and, where it is another, that of the labels. */
  readonly files: readonly LoadedFile[];
  /** What was taken for granted, as sentences; empty for most files. */
  readonly notes: readonly string[];
}

const optionNames: OptionNames<LoadPredictionsOptions> = { labels: true, probabilities: true };

/** How far a row of rounded probabilities may be from 1 and is divided by its sum. */
const ROUNDED_SLACK = 1e-2;
/** A sum as close to 1 as this in every row is no chance. */
const TELLING_SLACK = 1e-3;

const sizes = (shape: readonly number[]) => `[${shape.join(", ")}]`;

function fail({ path }: { readonly path: string }, reason: string): never {
  throw new FileError(`Cannot use ${path}: ${reason}`, { path });
}

/** Scores with N rows and K columns, and what they are. */
interface Scores {
  readonly array: NumericArray;
  readonly scale: LoadedPredictions["scale"];
}

function named(file: ArrayFile, key: ArrayKey): NumericArray | undefined {
  return file.named.get(key);
}

function requireKey(file: ArrayFile, keys: readonly ArrayKey[]): never {
  const found = file.names.length === 0 ? "nothing" : file.names.join(", ");
  const [key] = keys;
  const save = file.format === "npz"
    ? `numpy.savez(file, ${key}=..., labels=...)`
    : `safetensors.numpy.save_file({"${key}": ..., "labels": ...}, file)`;
  fail(
    file,
    `expected an array named ${keys.join(" or ")} but found ${found}: save it with ${save}`,
  );
}

function scoresOf(file: ArrayFile, probabilities: boolean | undefined): Scores {
  if (file.unnamed !== undefined) {
    return { array: file.unnamed, scale: probabilities ? "probabilities" : "logits" };
  }
  const keys = probabilities === undefined
    ? ["logits", "probabilities"] as const
    : [probabilities ? "probabilities" : "logits"] as const;
  for (const key of keys) {
    const array = named(file, key);
    if (array !== undefined) return { array, scale: key };
  }
  return requireKey(file, keys);
}

function requireScores(file: ArrayFile, { array: { shape }, scale }: Scores): number {
  const [rows = 0, classes = 0] = shape;
  const described = `${scale} of shape ${sizes(shape)}`;
  if (shape.length !== 2) {
    const binary = "for two classes save both columns, e.g. numpy.stack([1 - p, p], axis=1)";
    fail(
      file,
      `expected ${scale} of shape [n, K], a row an image, but found ${described}; ${binary}`,
    );
  }
  if (rows === 0) fail(file, `expected at least one row but found ${described}`);
  if (classes < 2) fail(file, `expected at least two classes (columns) but found ${described}`);
  return classes;
}

/** Where an element of rows is. */
function cell(at: number, columns: number): string {
  return `row ${Math.floor(at / columns)}, column ${at % columns} (both counted from 0)`;
}

/** As float32, all finite. */
function finite(file: ArrayFile, { array: { values, shape }, scale }: Scores): Float32Array {
  const narrow = values instanceof Float32Array ? values : Float32Array.from(values);
  for (let k = 0; k < narrow.length; k++) {
    if (Number.isFinite(narrow[k]!)) continue;
    const value = values[k]!;
    const remedy = Number.isFinite(value)
      ? ", too large for float32"
      : value === -Infinity
      ? "; write an excluded class as -1e9"
      : "";
    fail(file, `expected finite ${scale} but found ${value} in ${cell(k, shape[1]!)}${remedy}`);
  }
  return narrow;
}

/** Sums of the rows. */
function rowSums(values: ArrayLike<number>, columns: number): Float64Array {
  const sums = new Float64Array(values.length / columns);
  for (let k = 0; k < values.length; k++) sums[Math.floor(k / columns)]! += values[k]!;
  return sums;
}

const farthest = (sums: Float64Array) =>
  sums.reduce((far, sum) => Math.max(far, Math.abs(sum - 1)), 0);

/** Divides rows by their sums where their numbers have few digits, and says so. */
function sharpened(
  array: NumericArray,
  classes: number,
): { values: Float64Array; notes: string[] } {
  const values = Float64Array.from(array.values);
  const sums = rowSums(values, classes);
  const far = farthest(sums);
  if (array.kind !== "rounded" || far === 0 || far > ROUNDED_SLACK) return { values, notes: [] };
  for (let k = 0; k < values.length; k++) values[k]! /= sums[Math.floor(k / classes)]!;
  return {
    values,
    notes: far > 1e-6
      ? [
        `its probabilities are rounded, sums of rows differ from 1 by up to ${
          far.toPrecision(2)
        }, ` +
        "and each row is divided by its sum",
      ]
      : [],
  };
}

function readAsProbabilities(values: Float32Array, classes: number): string[] {
  const inside = values.every((value) => value >= 0 && value <= 1);
  return inside && farthest(rowSums(values, classes)) < TELLING_SLACK
    ? [
      "its rows sum to 1, as probabilities do, but are read as logits: if they are probabilities, say so",
    ]
    : [];
}

function labelArray(file: ArrayFile): NumericArray {
  return named(file, "labels") ?? file.unnamed ?? requireKey(file, ["labels"]);
}

/** N whole numbers from 0 to K - 1. */
function labelsOf(file: ArrayFile, array: NumericArray, classes: number): Int32Array {
  const { shape, values } = array;
  if (shape.length === 0 || (shape.length === 2 && shape[1] !== 1)) {
    const scores = "if these are scores or one-hot rows, save x.argmax(axis=1)";
    fail(file, `expected labels of shape [n] but found shape ${sizes(shape)}; ${scores}`);
  }
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (Number.isInteger(value) && value >= 0 && value < classes) continue;
    const fromOne = value === classes && values.every((one) => one >= 1 && one <= classes);
    const remedy = fromOne ? "; they count from 1: subtract 1" : "";
    fail(
      file,
      `expected labels to be whole numbers from 0 to ${classes - 1}, as there are ` +
        `${thousands(classes)} classes, but found ${value} in row ${k} (counted from 0)${remedy}`,
    );
  }
  return Int32Array.from(values);
}

function requireLength(file: ArrayFile, labels: ArrayLike<number>, rows: number, where: string) {
  if (labels.length === rows) return;
  const header = labels.length === rows + 1
    ? "; if the first line of the labels is a header, give it a name"
    : "";
  fail(
    file,
    `it has ${thousands(rows)} rows but there are ${
      thousands(labels.length)
    } labels${where}${header}`,
  );
}

/** Labels that the file of the scores holds itself must not contradict those that were given. */
function requireSameLabels(
  file: ArrayFile,
  own: Int32Array,
  given: ArrayLike<number>,
  where: string,
) {
  let different = 0;
  for (let k = 0; k < own.length; k++) different += own[k] === given[k] ? 0 : 1;
  if (different === 0) return;
  fail(
    file,
    `its own labels differ from the labels${where} in ${thousands(different)} of ` +
      `${thousands(own.length)} rows: the rows of both must be the same images in the same order`,
  );
}

interface Labels {
  readonly labels: ArrayLike<number>;
  /** The file that they were read from, if it is one of their own. */
  readonly from?: ArrayFile;
}

async function findLabels(
  file: ArrayFile,
  given: LoadPredictionsOptions["labels"],
  { rows, classes }: { readonly rows: number; readonly classes: number },
): Promise<Labels> {
  const own = named(file, "labels");
  const ownLabels = own && labelsOf(file, own, classes);
  if (ownLabels !== undefined) requireLength(file, ownLabels, rows, " in it");
  if (given === undefined) {
    if (ownLabels !== undefined) return { labels: ownLabels };
    fail(file, "it holds no labels: name a file of labels, a whole number for each row");
  }
  if (typeof given !== "string") {
    requireLength(file, given, rows, "");
    if (ownLabels !== undefined) requireSameLabels(file, ownLabels, given, " given");
    return { labels: given };
  }
  const from = await readArrayFile(given, "the labels");
  const labels = labelsOf(from, labelArray(from), classes);
  requireLength(file, labels, rows, ` in ${given}`);
  if (ownLabels !== undefined) requireSameLabels(file, ownLabels, labels, ` in ${given}`);
  return { labels, from };
}

/** Runs a check of the metrics, whose error does not know the file. */
function inFile<T>(file: ArrayFile, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fail(file, error.message);
  }
}

/**
 * Loads predictions that another program saved: logits or probabilities of shape [n, K] and n labels.
 *
 * - npy: one array; the labels lie in a file of their own.
 * - npz and safetensors: arrays named `logits` or `probabilities`, and `labels`.
 * - CSV: a row an image and a column a class, with or without a header. A header may name a column
 *   `label`, and its other names are the classes'. Fields stand between commas, tabs or semicolons.
 *
 * Floats of 16, 32 and 64 bits, integers of any size, either byte order, and C or Fortran order are
 * read; scores become float32. Nothing is unpickled. What a file is, its content decides.
 *
 * @param path The file of the logits or probabilities, of at most 1 GB.
 * @param options `labels`: a file, or n numbers (default: those in the file itself);
 * `probabilities`: whether the file holds these (default: by its keys, else logits).
 * @returns Predictions with the files' digests and what was taken for granted.
 * @throws {FileError} Naming the file: if it is missing, damaged, too large, of another format or
 * shape, a score is NaN or infinite, a row of probabilities does not sum to 1 (within 1e-4; within
 * 1e-2 where numbers have few digits), or labels are missing, too many, or not from 0 to K - 1.
 * @throws {TypeError} If an option is unknown or of another type.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * import { accuracy } from "./accuracy.ts";
 * const path = `${await Deno.makeTempDir()}/logits.csv`;
 * await Deno.writeTextFile(path, "cat,dog,label\n2.5,-1,0\n0.5,0.25,1\n");
 * const p = await loadPredictions(path);
 * assertEquals([p.classNames, p.length, accuracy(p)], [["cat", "dog"], 2, 0.5]);
 * ```
 */
export async function loadPredictions(
  path: string,
  options: LoadPredictionsOptions = {},
): Promise<LoadedPredictions> {
  requireKnownOptions("loadPredictions", options, optionNames);
  requireText("path", path);
  const { labels: given, probabilities } = options;
  if (given !== undefined && typeof given !== "string") requireList("labels", given);
  if (probabilities !== undefined) requireBoolean("probabilities", probabilities);
  const file = await readArrayFile(path, "the predictions");
  const scores = scoresOf(file, probabilities);
  const classes = requireScores(file, scores);
  const rows = scores.array.shape[0]!;
  const narrow = finite(file, scores);
  const { labels, from } = await findLabels(file, given, { rows, classes });
  const told = [...file.notes];
  let predictions: Predictions;
  if (scores.scale === "logits") {
    told.push(...readAsProbabilities(narrow, classes));
    predictions = inFile(from ?? file, () => predictionsFromLogits(narrow, labels, classes));
  } else {
    const { values, notes } = sharpened(scores.array, classes);
    told.push(...notes);
    predictions = inFile(file, () => predictionsFromProbabilities(values, labels, classes));
  }
  const files = from === undefined ? [file] : [file, from];
  return {
    ...predictions,
    scale: scores.scale,
    ...(file.header === undefined ? {} : { classNames: file.header }),
    files: files.map(({ path, sha256 }) => ({ path, sha256 })),
    notes: [
      ...told.map((note) => `${path}: ${note}`),
      ...(from?.notes ?? []).map((note) => `${from!.path}: ${note}`),
    ],
  };
}
