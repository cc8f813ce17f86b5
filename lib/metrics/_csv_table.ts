/** Tables of scores and labels as CSV, with or without a header. */
import { eachCsvRow } from "../format/csv.ts";
import { printable } from "../format/printable.ts";

/** A table that cannot be read; who reads it adds the file's name. */
export class CsvTableError extends Error {
  override name = "CsvTableError";

  /**
   * @param message What is wrong.
   * @param place The line.
   */
  constructor(message: string, readonly place: string) {
    super(message);
  }
}

/** A table's numbers, without the columns that only count its rows. */
export interface CsvTable {
  /** Names of the columns of `values`; undefined without a header. */
  readonly header: readonly string[] | undefined;
  /** Number of rows, the header not counted. */
  readonly rows: number;
  /** Columns of `values`. */
  readonly columns: number;
  /** Row-major, without the labels. */
  readonly values: Float64Array;
  /** The column of labels, where the header names one. */
  readonly labels: Float64Array | undefined;
  /** What was taken for granted, as sentences. */
  readonly notes: readonly string[];
}

/** Names that a column of labels has. */
const LABEL_NAMES: readonly string[] = ["label", "labels", "target", "targets"];
/** Names of columns that only count or name the rows; pandas writes the first or the last. */
const INDEX_NAMES: readonly string[] = ["", "index", "id", "unnamed: 0"];

/** What stands between the fields of a line: the first of these that it holds. */
const SEPARATORS = [",", "\t", ";"] as const;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

/** The number that a field holds, NaN and infinities included; undefined if it is none. */
function numberOf(field: string): number | undefined {
  const text = field.trim();
  if (NUMBER.test(text)) return Number(text);
  if (!NOT_FINITE.test(text)) return undefined;
  return /nan/i.test(text) ? NaN : text.startsWith("-") ? -Infinity : Infinity;
}

const WHOLE_NUMBER = /^\s*\d+\s*$/;

/** Whether fields are 0, 1, 2, ... in order, as pandas names columns. */
function areCounted(fields: readonly string[]): boolean {
  return fields.length > 0 && fields.every((field, k) => field.trim() === String(k));
}

function isNamed(field: string, names: readonly string[]): boolean {
  return names.includes(field.trim().toLowerCase());
}

/** Whether a first row names columns, given the row behind it. */
function isHeader(first: readonly string[], second: readonly string[] | undefined): boolean {
  if (first.every((field) => numberOf(field) === undefined)) return true;
  const others = first.filter((field) => !isNamed(field, [...LABEL_NAMES, ...INDEX_NAMES]));
  // Numbers throughout may be a row of the table: they name columns only above other kinds of numbers.
  const written = others.length > 1 && second?.every((field) => WHOLE_NUMBER.test(field)) === false;
  return areCounted(others) && (others.length < first.length || written);
}

class Reader {
  readonly values: number[] = [];
  readonly labels: number[] = [];
  #kept: number[] = [];
  #label = -1;
  #width = 0;
  header: string[] | undefined;
  notes: string[] = [];
  #blank: number | undefined;
  rows = 0;

  start(first: readonly string[], second: readonly string[] | undefined): void {
    this.#width = first.length;
    const header = isHeader(first, second);
    const names = first.map((field) => field.trim().replace(/^#\s*/, ""));
    this.#label = header ? names.findIndex((name) => isNamed(name, LABEL_NAMES)) : -1;
    const index = header ? names.findIndex((name) => isNamed(name, INDEX_NAMES)) : -1;
    this.#kept = names.map((_, k) => k).filter((k) => k !== this.#label && k !== index);
    if (header) {
      this.header = this.#kept.map((k) => names[k]!);
      this.notes.push("its first line is read as a header");
    } else this.row(first, 0);
    if (index >= 0) {
      const name = names[index] === "" ? "without a name" : `"${names[index]}"`;
      this.notes.push(`its column ${name} only counts the rows and is left out`);
    }
  }

  row(fields: readonly string[], index: number): void {
    const line = `line ${index + 1}`;
    if (fields.length === 1 && fields[0]!.trim() === "") {
      this.#blank ??= index;
      return;
    }
    if (this.#blank !== undefined) {
      throw new CsvTableError(
        "a line without a field stands amid the rows",
        `line ${this.#blank + 1}`,
      );
    }
    if (fields.length !== this.#width) {
      throw new CsvTableError(
        `it has ${fields.length} fields where the first line has ${this.#width}`,
        line,
      );
    }
    for (const k of this.#kept) this.values.push(this.#number(fields[k]!, k, line));
    if (this.#label >= 0) this.labels.push(this.#number(fields[this.#label]!, this.#label, line));
    this.rows++;
  }

  #number(field: string, column: number, line: string): number {
    const value = numberOf(field);
    if (value !== undefined) return value;
    const found = field.trim() === "" ? "nothing" : JSON.stringify(printable(field.slice(0, 40)));
    throw new CsvTableError(`its field ${column + 1} holds ${found}, not a number`, line);
  }

  get columns(): number {
    return this.#kept.length;
  }

  get labelled(): boolean {
    return this.#label >= 0;
  }
}

/**
 * Reads a table of numbers. A first line without numbers is a header, and so is one that counts the
 * columns as pandas does; it may name a column of labels ("label", "labels", "target", "targets"). A
 * column that only counts the rows (without a name, "index", "id") is left out.
 *
 * @param text Fields between commas, tabs or semicolons.
 * @throws {CsvTableError} If there is no row, a row has another number of fields than the first, or a
 * field is no number.
 */
export function readCsvTable(text: string): CsvTable {
  const line = /^[^\n]*/.exec(text)![0];
  const separator = SEPARATORS.find((one) => line.includes(one)) ?? ",";
  const reader = new Reader();
  let first: string[] | undefined;
  eachCsvRow(text, separator, (fields, index) => {
    if (index === 0) {
      first = fields;
      return;
    }
    if (index === 1) reader.start(first!, fields);
    reader.row(fields, index);
  });
  if (reader.rows === 0 && first !== undefined && reader.header === undefined) {
    reader.start(first, undefined);
  }
  if (reader.rows === 0) throw new CsvTableError("it has no row of numbers", "line 1");
  return {
    header: reader.header,
    rows: reader.rows,
    columns: reader.columns,
    values: Float64Array.from(reader.values),
    labels: reader.labelled ? Float64Array.from(reader.labels) : undefined,
    notes: reader.notes,
  };
}
