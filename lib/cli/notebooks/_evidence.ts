/** What a notebook's page says about how its numbers came about: the strip at its top. */
import { escapeHtml } from "../../format/escape_html.ts";
import { parsePage } from "../../pages/clean_html.ts";
import { type Notebook, type NotebookCell, type NotebookOutput, outputText } from "./nbformat.ts";
import { isRecord } from "./_execution_record.ts";

/** The strip; every value is text, as it is shown and read back. */
export interface Evidence {
  /** Who worked on the notebook, from `--author`. */
  readonly author?: string;
  /** When it was executed, or that this is not recorded. */
  readonly executed: string;
  readonly commit?: string;
  readonly versions?: string;
  readonly profile?: string;
  readonly data?: string;
  readonly seeds?: string;
  /** Whether all cells ran in order. */
  readonly order: string;
  /** E.g. "2 of 3 solved". */
  readonly exercises?: string;
  /** E.g. "failed at cell 7: RangeError: ...". */
  readonly failed?: string;
  /** The first digits of the SHA-256 of the cells' sources. */
  readonly source: string;
}

/** The strip's rows, in order. */
const TITLES: Readonly<Record<keyof Evidence, string>> = {
  author: "Author",
  executed: "Executed",
  profile: "Profile",
  data: "Data",
  seeds: "Seeds",
  order: "Cells",
  exercises: "Exercises",
  failed: "Failed",
  commit: "Commit",
  versions: "Versions",
  source: "Source",
};

/** A code cell that failed, counted from 1 among the code cells. */
export interface FailedCell {
  readonly cell: number;
  readonly reason: string;
}

function codeCells({ cells }: Notebook): NotebookCell[] {
  return cells.filter((cell) => cell.cell_type === "code" && cell.source.trim() !== "");
}

function errorOf(output: NotebookOutput): string | undefined {
  if (output.output_type !== "error") return undefined;
  const { ename, evalue } = output as { ename?: unknown; evalue?: unknown };
  return `${String(ename)}: ${String(evalue)}`;
}

/** The first code cell with an error among its outputs. */
export function failedCell(notebook: Notebook): FailedCell | undefined {
  for (const [k, cell] of notebook.cells.filter((one) => one.cell_type === "code").entries()) {
    const reason = (cell.outputs ?? []).map(errorOf).find((error) => error !== undefined);
    if (reason !== undefined) return { cell: k + 1, reason };
  }
  return undefined;
}

/** Says whether a notebook's code cells ran from top to bottom in a fresh kernel. */
export function orderOf(notebook: Notebook): string {
  const cells = codeCells(notebook);
  const counts = cells.map((cell) => cell["execution_count"]);
  const ran = counts.filter((count) => typeof count === "number");
  if (ran.length === 0) return `none of the ${cells.length} cells ran`;
  if (ran.some((count, k) => k > 0 && count <= ran[k - 1]!)) {
    return `the ${cells.length} cells did not run in order`;
  }
  if (ran.length < cells.length) return `${ran.length} of ${cells.length} cells ran, in order`;
  if (failedCell(notebook) !== undefined) return `${cells.length} cells ran in order, not all well`;
  // A count that is left out belongs to a cell that was run and is gone, or run twice.
  const gaps = ran.some((count, k) => count !== ran[0]! + k);
  return gaps
    ? `all ${cells.length} cells ran in order, some of them more than once`
    : `all ${cells.length} cells ran in order`;
}

const isExercise = ({ metadata }: NotebookCell) =>
  metadata.tags?.some((tag) => tag === "exercise") ?? false;

function isSolved(cell: NotebookCell): boolean {
  const outputs = cell.outputs ?? [];
  const text = outputs.map((output) =>
    output.output_type === "stream"
      ? [output["text"]].flat().join("")
      : outputText(output, "text/plain") ?? ""
  ).join("");
  const failed = outputs.some((output) => errorOf(output) !== undefined);
  return !failed && /^Right\b/m.test(text) && !/^Not yet\b/m.test(text);
}

/** How many of the cells tagged "exercise" are solved; undefined without any. */
export function exercisesOf(notebook: Notebook): string | undefined {
  const exercises = notebook.cells.filter(isExercise);
  if (exercises.length === 0) return undefined;
  return `${exercises.filter(isSolved).length} of ${exercises.length} solved`;
}

/** The sentence in which the lab's session shows itself. */
const SESSION = /^Profile (?<profile>\w+), (?<data>.+), seeds? (?<seeds>[\d, ]+)$/m;

function sessionOf(notebook: Notebook): Pick<Evidence, "profile" | "data" | "seeds"> {
  for (const output of notebook.cells.flatMap((cell) => cell.outputs ?? [])) {
    const groups = SESSION.exec(outputText(output, "text/plain") ?? "")?.groups;
    if (groups) {
      return { profile: groups["profile"]!, data: groups["data"]!, seeds: groups["seeds"]!.trim() };
    }
  }
  return {};
}

/**
 * The first digits of a SHA-256 over the cells' kinds and sources: two notebooks that differ in outputs
 * alone have the same.
 */
export async function sourceHash(notebook: Notebook): Promise<string> {
  const text = JSON.stringify(notebook.cells.map(({ cell_type, source }) => [cell_type, source]));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 12);
}

/** What a notebook itself does not say. */
export interface EvidenceOptions {
  readonly author?: string;
  /** When the file was written; shown where no execution is recorded. */
  readonly changed?: Date | null;
  /** Why its execution failed. Default: the first error among its outputs. */
  readonly failure?: string;
}

/**
 * Reads a notebook's evidence from the notebook itself.
 *
 * @param notebook As it is, with its outputs.
 * @param options See {@linkcode EvidenceOptions}.
 */
export async function evidenceOf(
  notebook: Notebook,
  { author, changed, failure }: EvidenceOptions = {},
): Promise<Evidence> {
  const record = notebook.metadata["trusted_ai_lab"];
  const recorded = isRecord(record) ? record : undefined;
  const cell = failedCell(notebook);
  const failed = failure ?? (cell && `failed at cell ${cell.cell}: ${cell.reason}`);
  const exercises = exercisesOf(notebook);
  const by = author ?? recorded?.author;
  const file = changed ? `; the file is of ${minute(changed)}` : "";
  return {
    ...(by === undefined ? {} : { author: by }),
    executed: recorded === undefined ? `not recorded${file}` : minute(new Date(recorded.executed)),
    ...sessionOf(notebook),
    order: orderOf(notebook),
    ...(exercises === undefined ? {} : { exercises }),
    ...(failed === undefined ? {} : { failed }),
    ...(recorded?.commit ? { commit: recorded.commit } : {}),
    ...(recorded === undefined ? {} : { versions: recorded.versions }),
    source: await sourceHash(notebook),
  };
}

function minute(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

const ID = "evidence-";

/** "failed at cell 7: ..." as the end of a sentence. */
function sentence(failed: string): string {
  return (failed.startsWith("failed") ? failed : `failed: ${failed}`).replace(/\.?$/, ".");
}

/** The strip as HTML. */
export function evidenceStrip(evidence: Evidence): string {
  const rows = (Object.keys(TITLES) as (keyof Evidence)[]).flatMap((key) => {
    const value = evidence[key];
    if (value === undefined) return [];
    return [`<div><dt>${TITLES[key]}</dt><dd id="${ID}${key}">${escapeHtml(value)}</dd></div>`];
  });
  const { failed } = evidence;
  const toError = failed?.startsWith("failed at cell")
    ? ` <a href="#failed">Go to the error.</a>`
    : "";
  const banner = failed === undefined
    ? ""
    : `<p class="failed" role="note"><strong>This notebook ` +
      `${escapeHtml(sentence(failed))}</strong>${toError}</p>\n`;
  return `<section class="evidence" aria-label="How this page came about">\n` +
    `<dl>${rows.join("\n")}</dl>\n</section>\n${banner}`;
}

/** What a page tells of the notebook it was made of. */
export interface PageEvidence extends Partial<Evidence> {
  readonly title: string;
  /** The question that the notebook starts with. */
  readonly question?: string;
}

/**
 * Reads the strip of a page back.
 *
 * @param html A page.
 * @returns Undefined if it has none.
 */
export function readEvidence(html: string): PageEvidence | undefined {
  const document = parsePage(html);
  if (document.querySelector("section.evidence") === null) return undefined;
  const found: Record<string, string> = { title: document.title };
  for (const key of Object.keys(TITLES)) {
    const text = document.getElementById(`${ID}${key}`)?.textContent?.trim();
    if (text) found[key] = text;
  }
  const question = document.getElementById("question")?.textContent?.trim();
  return { ...found, title: document.title, ...(question ? { question } : {}) };
}
