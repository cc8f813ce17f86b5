/** Reads the committed notebooks for tests, and runs some of their cells outside a kernel. */
import { fileURLToPath } from "node:url";
import { readNotebook } from "../../lib/cli/notebooks/nbformat.ts";
import { experimentMatrix } from "../../lib/experiments/specs/matrix.ts";
import { assert, assertEquals } from "../../lib/assert/mod.ts";

const root = new URL("../../", import.meta.url);

/** A cell with its id. */
export interface Cell {
  readonly id: string;
  readonly code: boolean;
  readonly source: string;
}

/** The cells of a notebook, by its file's name without extension. */
export async function cellsOf(name: string): Promise<Cell[]> {
  const { cells } = await readNotebook(fileURLToPath(new URL(`notebooks/${name}.ipynb`, root)));
  return cells.map((cell) => ({
    id: String(cell.id),
    code: cell.cell_type === "code",
    source: cell.source,
  }));
}

/** One cell's source. */
export async function sourceOf(name: string, id: string): Promise<string> {
  const found = (await cellsOf(name)).find((cell) => cell.id === id);
  assert(found !== undefined, `${name} has no cell ${id}`);
  return found.source;
}

async function deno(args: string[]): Promise<{ success: boolean; output: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: fileURLToPath(root),
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + (success ? "" : decoder.decode(stderr)) };
}

/** Writes code where `../lib/` resolves by its full address, and hands over the file. */
async function withModule<T>(code: string, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/cells.ts`;
    const library = new URL("lib/", root).href;
    await Deno.writeTextFile(path, `export {};\n${code.replaceAll('"../lib/', `"${library}`)}`);
    return await use(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const config = () => ["--config", fileURLToPath(new URL("deno.json", root))];

/** Runs cells one after another in one process; the lines that they print. */
export async function runCells(sources: readonly string[]): Promise<string[]> {
  const { success, output } = await withModule(
    sources.join("\n;\n"),
    (path) => deno(["run", "-A", "--no-check", ...config(), path]),
  );
  assert(success, output);
  return output.trim().split("\n");
}

/**
 * Puts answers into exercises and runs them.
 *
 * @param before Ids of the cells that the exercises need.
 * @param answers The exercise's id and what takes the place of `NaN`.
 * @returns What each prints.
 */
export async function judge(
  name: string,
  before: readonly string[],
  answers: readonly (readonly [exercise: string, value: string])[],
): Promise<string[]> {
  const cells = await Promise.all(before.map((id) => sourceOf(name, id)));
  const exercises = await Promise.all(answers.map(async ([exercise, value]) => {
    const source = await sourceOf(name, exercise);
    const answered = source.replace(/\[NaN, NaN\]|NaN(?=;)/, value);
    assert(answered !== source, `${exercise} has no place for an answer`);
    return `{\n${answered}\n}`;
  }));
  const printed = await runCells([...cells, ...exercises]);
  return printed.slice(-answers.length);
}

const figureCell =
  /(?:^|\n)(?:await )?(?:\w+Chart|exampleGrid|barsWithIntervals|featureMap|\w+Curves?)\(/;

/** What a notebook claims about itself. */
export interface Claims {
  /** Numbers of its equations, in order. */
  readonly equations: readonly string[];
  /** How many figures it has. */
  readonly figures: number;
  /** Its predictions, in order. */
  readonly predictions: readonly string[];
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1]!);
}

/** Tests what every notebook promises its reader. */
export function testNotebook(name: string, claims: Claims): void {
  const number = name[0];
  const prose = async () =>
    (await cellsOf(name)).filter(({ code }) => !code).map(({ source }) => source).join("\n\n");
  const code = async () =>
    (await cellsOf(name)).filter((cell) => cell.code).map(({ source }) => source).join("\n");

  Deno.test(`${name}: every figure is followed by its paragraph, numbered in order`, async () => {
    const cells = await cellsOf(name);
    const captions = cells.flatMap((cell, k) =>
      cell.code && figureCell.test(cell.source)
        ? [/^\*\*Figure (\d+\.\d+)\*\*/.exec(cells[k + 1]?.source ?? "")?.[1] ?? `none: ${cell.id}`]
        : []
    );
    assertEquals(
      captions,
      Array.from({ length: claims.figures }, (_, k) => `${number}.${k + 1}`),
    );
  });

  Deno.test(`${name}: equations carry the lab's numbers`, async () => {
    assertEquals(matches(await prose(), /\\tag\{([^}]+)\}/g), claims.equations);
  });

  Deno.test(`${name}: each prediction is written down and judged`, async () => {
    assertEquals(matches(await prose(), /\*\*(P\d+)\*\*/g).sort(), claims.predictions);
    assertEquals(matches(await code(), /predicted\("(P\d+)"/g).sort(), claims.predictions);
  });

  Deno.test(`${name}: the blocks of findings hold computed sentences alone`, async () => {
    for (const [id, call] of [["this-run", "thisRun("], ["published-run", "publishedRun("]]) {
      const source = await sourceOf(name, id!);
      assert(source.includes(call!), `${id} does not call ${call}`);
      const written = matches(source, /"([^"]*)"/g).filter((text) => text.includes(" "));
      assertEquals(written, []);
    }
  });

  Deno.test(`${name}: works that are cited are listed, and the other way round`, async () => {
    const cells = (await cellsOf(name)).filter((cell) => !cell.code);
    const list = cells.find(({ id }) => id === "references")!;
    const text = cells.filter((cell) => cell !== list).map(({ source }) => source).join("\n");
    const listed = matches(list.source, /^- \[(\d+)\]/gm);
    const cited = new Set(matches(text, /\[(\d+)\]/g));
    assertEquals(listed.filter((key) => !cited.has(key)), [], "listed but not cited");
    assertEquals([...cited].filter((key) => !listed.includes(key)), [], "cited but not listed");
  });

  Deno.test(`${name}: every run that is named is in the quick and the standard matrix`, async () => {
    const named = matches(await code(), /"((?:svhn|mnist|cifar)-[\w.-]+)"/g)
      .filter((id) => !id.endsWith("-test"));
    assert(named.length > 0);
    for (const profile of ["quick", "standard"] as const) {
      const ids = experimentMatrix(profile).map(({ id }) => id);
      // A start of ids stands for all of them.
      const unknown = named.filter((part) => !ids.some((id) => id.startsWith(part)));
      assertEquals(unknown, [], profile);
    }
  });

  Deno.test(`${name}: its code passes the type checker`, async () => {
    const source = await code();
    const { success, output } = await withModule(
      source,
      (path) => deno(["check", ...config(), path]),
    );
    assert(success, output);
  });
}
