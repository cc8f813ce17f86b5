import { z } from "zod";
import { readJson } from "../../files/read_json.ts";

const Text = z.union([z.string(), z.array(z.string())])
  .transform((text) => typeof text === "string" ? text : text.join(""));

const Output = z.looseObject({
  output_type: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
});

const Cell = z.looseObject({
  cell_type: z.enum(["code", "markdown", "raw"]),
  source: Text,
  metadata: z.looseObject({ tags: z.array(z.string()).optional() }),
  outputs: z.array(Output).optional(),
});

const Notebook = z.looseObject({
  nbformat: z.literal(4),
  nbformat_minor: z.number().int(),
  metadata: z.looseObject({
    kernelspec: z.looseObject({ name: z.string() }).optional(),
  }),
  cells: z.array(Cell),
});

/** A Jupyter notebook, format 4; sources are joined to one string. */
export type Notebook = z.infer<typeof Notebook>;
/** One of its cells. */
export type NotebookCell = Notebook["cells"][number];
/** An output of a code cell. */
export type NotebookOutput = NonNullable<NotebookCell["outputs"]>[number];

/** Larger than any notebook with its pictures. */
const MAX_BYTES = 2 ** 28;

/**
 * Reads a notebook.
 *
 * @param path An `.ipynb` file.
 * @throws {Error} Naming the file, if it is not a notebook of format 4.
 */
export async function readNotebook(path: string): Promise<Notebook> {
  const value = await readJson(path, { maxBytes: MAX_BYTES });
  if (value === undefined) throw new Error(`Cannot read ${path}: there is no such file`);
  try {
    return Notebook.parse(value);
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(`${path} is not a Jupyter notebook of format 4: ${reason}`, { cause: error });
  }
}

/** The text of a notebook's file, as Jupyter writes it: keys sorted, sources as lists of lines. */
export function notebookText(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => ({ ...cell, source: lines(cell.source) }));
  return JSON.stringify({ ...notebook, cells }, sortKeys, 1) + "\n";
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}

function lines(text: string): string[] {
  return text === "" ? [] : text.match(/.*\n|.+$/g) ?? [];
}

/** An output's content of one type as text, or undefined. */
export function outputText(output: NotebookOutput, type: string): string | undefined {
  const value = output.data?.[type];
  return value === undefined ? undefined : Text.parse(value);
}
