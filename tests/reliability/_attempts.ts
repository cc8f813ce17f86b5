/** Reads damaged files, requires that each is refused as it should be, and keeps the count. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { FileError } from "../../lib/files/file_error.ts";
import { assert } from "../../lib/assert/mod.ts";
import type { Damaged } from "./_damage.ts";

/** What reads a file, and what it must do with damaged ones. */
export interface Subject {
  readonly parser: string;
  /** Name of the file in a directory of its own. */
  readonly file: string;
  /**
   * The largest share of copies that may be read as if nothing had happened, by damage: where the
   * format has bytes that mean nothing. Default 0: everything must be refused.
   */
  readonly harmless?: Readonly<Record<string, number>>;
  /** Reads the file; the result stands for all of its content. */
  read(directory: string): Promise<unknown>;
}

/** How often a damaged file was refused, or read as what it was before: the damage changed nothing. */
type Outcome = "refused" | "harmless";

/** Everything that was tried. */
export interface Tally {
  /** Counts by parser and damage. */
  readonly counts: Map<string, Counts>;
  /** Resident memory in bytes, after each try: at first, and the most. */
  readonly memory: { first: number; most: number };
  /** Longest try in milliseconds. */
  slowest: number;
}

/** Longest time for one damaged file, in ms: ten thousand times what a valid one takes. */
const HANG = 20_000;
/** A place that helps: a byte, a line, or a field by its name. */
const PLACE = /byte \d+|bytes \d+ to \d+|lines? \d+|^[\w. -]+$/;

/** Nothing tried yet. */
export function newTally(): Tally {
  const { rss } = Deno.memoryUsage();
  return { counts: new Map(), memory: { first: rss, most: rss }, slowest: 0 };
}

function fingerprint(content: unknown): string {
  const text = JSON.stringify(
    content,
    (_key, value) => ArrayBuffer.isView(value) ? [...value as Uint8Array] : value,
  );
  return createHash("sha256").update(text).digest("hex");
}

/** Whether an error is of the type, and tells in its sentence which file and where in it. */
function tellsAll(error: unknown, path: string, directory: string): boolean {
  return error instanceof FileError &&
    error.message.includes(error.path) && error.path.startsWith(directory) &&
    error.message.includes(path.split("/").at(-1)!) &&
    error.place !== undefined && PLACE.test(error.place) && error.message.includes(error.place);
}

/** How one damaged file is received; anything but a sentence that tells all is a failure. */
async function outcomeOf(
  { parser, file, read }: Subject,
  directory: string,
  { damage, bytes }: Damaged,
  expected: string,
): Promise<Outcome> {
  const path = join(directory, file);
  await Deno.writeFile(path, bytes);
  const where = `${parser}, ${damage}, ${bytes.length} bytes`;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${where}: hangs`)), HANG);
  });
  let content: unknown;
  try {
    content = await Promise.race([read(directory), hang]);
  } catch (error) {
    if (tellsAll(error, path, directory)) return "refused";
    throw new Error(`${where}: expected a FileError with file and place but found ${error}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
  if (fingerprint(content) === expected) return "harmless";
  throw new Error(`${where}: read without a word as something else`);
}

type Counts = Map<string, Record<Outcome, number>>;

/** Reads every damaged copy; the first that is not received as it should be is an error. */
async function tryAll(
  tally: Tally,
  subject: Subject,
  directory: string,
  expected: string,
  copies: readonly Damaged[],
): Promise<Counts> {
  const counts: Counts = new Map();
  for (const copy of copies) {
    const count = counts.get(copy.damage) ?? { refused: 0, harmless: 0 };
    counts.set(copy.damage, count);
    const start = performance.now();
    count[await outcomeOf(subject, directory, copy, expected)]++;
    tally.slowest = Math.max(tally.slowest, performance.now() - start);
    tally.memory.most = Math.max(tally.memory.most, Deno.memoryUsage().rss);
  }
  return counts;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, k) => byte === b[k]);
}

/**
 * Reads damaged copies of a file, after a check that the undamaged one passes.
 *
 * @param subject Its directory holds whatever else it needs.
 * @param good The valid file; it lies there again afterwards.
 * @param copies Those that are equal to the valid file are left out.
 * @throws {Error} At the first copy that crashes, hangs, or is taken for something else, and if more
 * were harmless than may be.
 */
export async function attempt(
  tally: Tally,
  subject: Subject,
  directory: string,
  good: Uint8Array,
  copies: readonly Damaged[],
): Promise<void> {
  const { parser, harmless = {}, file, read } = subject;
  const path = join(directory, file);
  await Deno.writeFile(path, good);
  const expected = fingerprint(await read(directory));
  const damaged = copies.filter(({ bytes }) => !equal(bytes, good));
  const counts = await tryAll(tally, subject, directory, expected, damaged);
  const all: Counts = tally.counts.get(parser) ?? new Map();
  tally.counts.set(parser, all);
  for (const [damage, count] of counts) {
    const share = count.harmless / (count.harmless + count.refused);
    const most = harmless[damage] ?? 0;
    assert(
      share <= most,
      `${parser}, ${damage}: ${share} read as if nothing were, more than ${most}`,
    );
    const sum = all.get(damage) ?? { refused: 0, harmless: 0 };
    all.set(damage, {
      refused: sum.refused + count.refused,
      harmless: sum.harmless + count.harmless,
    });
  }
  await Deno.writeFile(path, good);
}

/** The table of what was tried, and the sums. */
export function summary({ counts }: Tally): { text: string; total: number; least: number } {
  const sums: number[] = [];
  const lines = [...counts].flatMap(([parser, damages]) => {
    const rows = [...damages].map(([damage, { refused, harmless }]) =>
      `  ${damage}: ${refused} refused` +
      (harmless > 0 ? `, ${harmless} harmless (content unchanged)` : "")
    );
    const sum = [...damages.values()].reduce((all, one) => all + one.refused + one.harmless, 0);
    sums.push(sum);
    return [`${parser}: ${sum}`, ...rows];
  });
  const total = sums.reduce((all, one) => all + one, 0);
  return { text: lines.join("\n"), total, least: Math.min(...sums) };
}
