import { basename } from "node:path";
import type { Notebook, NotebookCell, NotebookOutput } from "./nbformat.ts";

const MAXIMUM_LINES = 12;
const PATHS = /(?:^|[\s"'`(=:])((?:\/(?:home|Users|root|tmp|work|mnt|var)\/|[A-Z]:\\)[^\s"'`)]*)/;
const FIGURE_TYPES = ["image/svg+xml", "image/png"];
/** What opens the library and tells a reader without set-up what to run. */
const OPENING = "../lib/open_library.ts";
/** Where a notebook finds the library; the first cell names it to whoever moved the notebook. */
const KEPT = "the project's notebooks/";

function place(cells: readonly NotebookCell[], index: number): string {
  return `cell ${index + 1} of ${cells.length}`;
}

function codeLines(cell: NotebookCell): number {
  return cell.source.split("\n").filter((line) => line.trim() !== "").length;
}

function isFigure(output: NotebookOutput): boolean {
  return FIGURE_TYPES.some((type) => output.data?.[type] !== undefined);
}

function lintCode(cells: readonly NotebookCell[], cell: NotebookCell, index: number): string[] {
  const found: string[] = [];
  const outputs = cell.outputs ?? [];
  if (codeLines(cell) > MAXIMUM_LINES) {
    found.push(`has ${codeLines(cell)} lines of code; at most ${MAXIMUM_LINES} can be taken in`);
  }
  if (outputs.some((output) => output.output_type === "error")) found.push("has an error output");
  if (outputs.some(isFigure) && cells[index + 1]?.cell_type !== "markdown") {
    found.push("shows a figure that no markdown cell after it explains");
  }
  return found;
}

function lintPaths(cell: NotebookCell): string[] {
  const texts = [cell.source, ...(cell.outputs ?? []).map((output) => JSON.stringify(output))];
  const path = texts.map((text) => PATHS.exec(text)?.[1]).find((match) => match !== undefined);
  return path === undefined ? [] : [`holds the absolute path ${path}`];
}

function lintStructure(notebook: Notebook): string[] {
  const found: string[] = [];
  const { cells } = notebook;
  if (notebook.metadata.kernelspec?.name !== "deno") found.push(`its kernel is not "deno"`);
  if (cells[0]?.cell_type !== "markdown") found.push("does not start with prose");
  if (!cells.some((cell) => cell.metadata.tags?.includes("parameters"))) {
    found.push(`no cell is tagged "parameters"`);
  }
  const first = cells.find((cell) => cell.cell_type === "code");
  if (!first?.source.includes(OPENING)) {
    found.push(`its first code cell does not import ${OPENING}, which helps without set-up`);
  } else if (!first.source.includes(KEPT)) {
    found.push(`its first code cell does not say to keep it in ${KEPT}, should it be elsewhere`);
  }
  const ids = cells.map((cell) => cell.id).filter((id) => id !== undefined);
  if (notebook.nbformat_minor >= 5 && new Set(ids).size !== cells.length) {
    found.push("its cells lack ids of their own");
  }
  return found;
}

/**
 * Checks what the lab's notebooks have in common: a `parameters` cell, a first code cell that helps a
 * reader who has not run set-up, short cells, an explanation after each figure, no errors and no
 * paths of one machine.
 *
 * @param path Names the notebook in the findings.
 * @param notebook Its content.
 * @returns One sentence for each finding.
 */
export function lintNotebook(path: string, notebook: Notebook): string[] {
  const name = basename(path);
  const { cells } = notebook;
  const inCells = cells.flatMap((cell, index) => {
    const found = cell.cell_type === "code" ? lintCode(cells, cell, index) : [];
    return [...found, ...lintPaths(cell)].map((text) => `${place(cells, index)} ${text}`);
  });
  return [...lintStructure(notebook), ...inCells].map((text) => `${name}: ${text}`);
}
