/** Damages small valid files in every way a disk, a network or somebody may, and keeps the count. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import { assertEquals } from "../assert.ts";

/** A damaged copy of a file. */
export interface Damaged {
  /** Kind of damage, for the table. */
  readonly damage: string;
  readonly bytes: Uint8Array;
}

/** What reads a file, and what it must do with damaged ones. */
export interface Subject {
  readonly parser: string;
  /** Name of the file in a directory of its own. */
  readonly file: string;
  /** Reads the file; the result stands for all of its content. */
  read(directory: string): Promise<unknown>;
}

/** Longest time for one damaged file, in ms: ten thousand times what a valid one takes. */
const HANG = 20_000;

/** `count` positions spread evenly over [from, to). */
export function spread(from: number, to: number, count: number): number[] {
  const step = Math.max(1, (to - from) / count);
  const positions = Array.from({ length: count }, (_, k) => from + Math.floor(k * step));
  return [...new Set(positions.filter((position) => position < to))];
}

/** The file cut to each of these lengths. */
export function cut(bytes: Uint8Array, lengths: readonly number[]): Damaged[] {
  return lengths.map((length) => ({ damage: "truncated", bytes: bytes.slice(0, length) }));
}

/** The file with one byte of each position changed by a mask. */
export function flip(
  bytes: Uint8Array,
  positions: readonly number[],
  damage: string,
  masks: readonly number[] = [0x01, 0xff],
): Damaged[] {
  return positions.flatMap((position) =>
    masks.map((mask) => {
      const copy = Uint8Array.from(bytes);
      copy[position]! ^= mask;
      return { damage, bytes: copy };
    })
  );
}

/** The file with bytes overwritten by each of the values, at each position. */
export function overwrite(
  bytes: Uint8Array,
  positions: readonly number[],
  values: readonly (readonly number[])[],
  damage: string,
): Damaged[] {
  return positions.flatMap((position) =>
    values.map((value) => {
      const copy = Uint8Array.from(bytes);
      copy.set(value.slice(0, copy.length - position), position);
      return { damage, bytes: copy };
    })
  );
}

/** Several random bytes changed at random places of [from, to). */
export function scramble(bytes: Uint8Array, from: number, to: number, count: number): Damaged[] {
  const change = fc.tuple(fc.integer({ min: from, max: to - 1 }), fc.integer({ min: 1, max: 255 }));
  const changes = fc.sample(fc.array(change, { minLength: 1, maxLength: 8 }), {
    numRuns: count,
    seed: 7,
  });
  return changes.map((list) => {
    const copy = Uint8Array.from(bytes);
    for (const [position, mask] of list) copy[position]! ^= mask;
    return { damage: "several random bytes", bytes: copy };
  }).filter((damaged) => damaged.bytes.some((byte, k) => byte !== bytes[k]));
}

/** The file with bytes behind its end. */
export function append(bytes: Uint8Array): Damaged[] {
  const tails = [[0], [1, 2, 3], Array<number>(512).fill(0), Array<number>(513).fill(255)];
  return tails.map((tail) => ({
    damage: "something behind the end",
    bytes: Uint8Array.of(...bytes, ...tail),
  }));
}

function fingerprint(content: unknown): string {
  const text = JSON.stringify(
    content,
    (_key, value) => ArrayBuffer.isView(value) ? [...value as Uint8Array] : value,
  );
  return createHash("sha256").update(text).digest("hex");
}

type Outcome = "refused" | "harmless";

/** How one damaged file is received; anything but a sentence that names the file is a failure. */
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
  try {
    const content = await Promise.race([read(directory), hang]);
    if (fingerprint(content) === expected) return "harmless";
    throw new TypeError(`${where}: read without a word as something else`);
  } catch (error) {
    const { name, message } = error as Error;
    const typed = name === "Error" || name === "DataFileError";
    if (typed && message.includes(directory) && message.includes(file.split("/").at(-1)!)) {
      return "refused";
    }
    throw new Error(`${where}: expected a sentence that names the file but found ${error}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Counts by parser and damage. */
export type Tally = Map<string, Map<string, Record<Outcome, number>>>;

/**
 * Reads every damaged copy.
 *
 * @param subject Its directory holds whatever else it needs.
 * @param good The valid file.
 * @throws {Error} At the first copy that crashes, hangs, or is taken for something else.
 */
export async function tryAll(
  subject: Subject,
  directory: string,
  good: Uint8Array,
  copies: readonly Damaged[],
  tally: Tally,
): Promise<void> {
  await Deno.writeFile(join(directory, subject.file), good);
  const expected = fingerprint(await subject.read(directory));
  const counts = tally.get(subject.parser) ?? new Map<string, Record<Outcome, number>>();
  tally.set(subject.parser, counts);
  for (const copy of copies) {
    const count = counts.get(copy.damage) ?? { refused: 0, harmless: 0 };
    counts.set(copy.damage, count);
    count[await outcomeOf(subject, directory, copy, expected)]++;
  }
}

/** The table of what was tried, and the sums. */
export function summary(tally: Tally): { text: string; total: number; least: number } {
  const sums: number[] = [];
  const lines = [...tally].flatMap(([parser, counts]) => {
    const rows = [...counts].map(([damage, { refused, harmless }]) =>
      `  ${damage}: ${refused} refused` +
      (harmless > 0 ? `, ${harmless} harmless (content unchanged)` : "")
    );
    const sum = [...counts.values()].reduce((all, one) => all + one.refused + one.harmless, 0);
    sums.push(sum);
    return [`${parser}: ${sum}`, ...rows];
  });
  const total = sums.reduce((all, one) => all + one, 0);
  return { text: lines.join("\n"), total, least: Math.min(...sums) };
}

/** A sanity check of this file: an undamaged copy must count as harmless, not as refused. */
export async function requireHonest(subject: Subject, directory: string, good: Uint8Array) {
  const tally: Tally = new Map();
  await tryAll(subject, directory, good, [{ damage: "none", bytes: good }], tally);
  assertEquals(tally.get(subject.parser)!.get("none"), { refused: 0, harmless: 1 });
}
