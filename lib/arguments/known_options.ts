/** Refuses options that a function does not have: ignored, they would be misread in silence. */
import { aliasOf, plainName } from "./_option_aliases.ts";
import { describe } from "./require.ts";

/** The names of an options type, also those that only some members of a union have. */
type NameOf<Options> = Options extends unknown ? keyof Options & string : never;

/** Names of options; those of an option that is itself an object of options stand under its name. */
export interface NameTable {
  readonly [name: string]: true | NameTable;
}

/**
 * The names of an options type as a table. The compiler refuses a table that lacks a name of the type
 * or has another one, so that the two cannot drift apart.
 */
export type OptionNames<Options> = { readonly [K in NameOf<Options>]: true | NameTable };

/** How many letters to insert, delete, replace or swap with their neighbour turn one into the other. */
function editDistance(first: string, second: string): number {
  const rows: number[][] = [];
  for (let i = 0; i <= first.length; i++) {
    const row: number[] = [];
    for (let j = 0; j <= second.length; j++) {
      if (i === 0 || j === 0) {
        row.push(i + j);
        continue;
      }
      const same = first[i - 1] === second[j - 1] ? 0 : 1;
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      const swapped = i > 1 && j > 1 && first[i - 1] === second[j - 2] &&
        first[i - 2] === second[j - 1];
      if (swapped) least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[first.length]![second.length]!;
}

/** The nearest spelling that differs in at most a third of the letters. */
function nearestSpelling(name: string, known: readonly string[]): string | undefined {
  const plain = plainName(name);
  let nearest: { readonly own: string; readonly distance: number } | undefined;
  for (const own of known) {
    const other = plainName(own);
    const distance = editDistance(plain, other);
    if (3 * distance > Math.max(plain.length, other.length)) continue;
    if (nearest === undefined || distance < nearest.distance) nearest = { own, distance };
  }
  return nearest?.own;
}

/** An option of an option that is itself an object: `epsilon` may be meant as `adversarial.epsilon`. */
function nestedName(name: string, table: NameTable): string | undefined {
  for (const [outer, inner] of Object.entries(table)) {
    if (inner === true) continue;
    const known = Object.keys(inner);
    const same = known.find((own) => plainName(own) === plainName(name));
    const meant = same ?? aliasOf(name, known);
    if (meant !== undefined) return `${outer}.${meant}`;
  }
  return undefined;
}

/**
 * The sentence about an option that does not exist. It proposes the name that other libraries' name
 * stands for, else the nearest spelling; where there is neither, it lists all names.
 *
 * @param of The function, e.g. "train" or, for nested options, "train.circle".
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const names = { epochs: true, learningRate: true } as const;
 * assertEquals(
 *   unknownOption("lr", "train", names),
 *   "Unknown option lr of train: did you mean learningRate?",
 * );
 * assertEquals(
 *   unknownOption("colour", "train", names),
 *   "Unknown option colour of train: expected one of epochs, learningRate",
 * );
 * ```
 */
export function unknownOption(name: string, of: string, table: NameTable): string {
  const known = Object.keys(table);
  const meant = aliasOf(name, known) ?? nearestSpelling(name, known) ?? nestedName(name, table);
  const start = `Unknown option ${name} of ${of}: `;
  if (meant !== undefined) return `${start}did you mean ${meant}?`;
  return `${start}expected ${known.length === 0 ? "no options" : `one of ${known.join(", ")}`}`;
}

/**
 * Requires an object whose properties are all known options. Left out (`undefined`) it passes;
 * `null` passes for nested options, where it means "off".
 *
 * @param of The function, e.g. "train".
 * @param names All its options, by an {@linkcode OptionNames} of their type.
 * @throws {TypeError} If options is not an object, or has a property of another name; the sentence
 * proposes the name that was meant.
 * @example
 * ```ts
 * import { assertThrows } from "@trusted-ai-lab/lab/assert";
 * const names: OptionNames<{ epsilon: number; steps?: number }> = { epsilon: true, steps: true };
 * assertThrows(
 *   () => requireKnownOptions("attack", { eps: 0.1 }, names),
 *   TypeError,
 *   "Unknown option eps of attack: did you mean epsilon?",
 * );
 * ```
 */
export function requireKnownOptions(of: string, options: unknown, names: NameTable): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const found = Array.isArray(options) ? "a list" : describe(options, []);
    throw new TypeError(`Expected options of ${of} to be an object but found ${found}`);
  }
  // Inherited options count as well: the functions read them.
  for (const name in options) {
    if (!Object.hasOwn(names, name)) {
      throw new TypeError(unknownOption(name, of, names));
    }
    const nested = names[name]!;
    const value = (options as Record<string, unknown>)[name];
    if (nested !== true && value !== null) requireKnownOptions(`${of}.${name}`, value, nested);
  }
}
