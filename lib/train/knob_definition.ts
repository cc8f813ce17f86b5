/** What a training knob is, and what follows from a table of them: types, checks, schema. */
import { z } from "zod";
import type { NameTable } from "../arguments/known_options.ts";
import {
  type Bounds,
  requireBoolean,
  requireInteger,
  requireList,
  requireNumber,
  requireOneOf,
  requireText,
} from "../arguments/require.ts";

/** What a knob's values look like. */
interface Kind<T> {
  readonly schema: z.ZodType<T>;
  /** How a command line writes a value; a list holds the names to choose from. */
  readonly written: "number" | "numbers" | "budget" | "pattern" | "switch" | readonly string[];
  check(name: string, value: T): void;
}

function bounded(schema: z.ZodNumber, { min, max, exclusiveMin, exclusiveMax }: Bounds) {
  const low = min === undefined ? schema : exclusiveMin ? schema.gt(min) : schema.min(min);
  return max === undefined ? low : exclusiveMax ? low.lt(max) : low.max(max);
}

/** A finite number; "budget" lets a command line write it as a fraction such as 8/255. */
export function number(bounds: Bounds, written: "number" | "budget" = "number"): Kind<number> {
  const check = (name: string, value: number) => requireNumber(name, value, bounds);
  return { schema: bounded(z.number(), bounds), written, check };
}

export function integer(bounds: Bounds): Kind<number> {
  const check = (name: string, value: number) => requireInteger(name, value, bounds);
  return { schema: bounded(z.int(), bounds), written: "number", check };
}

export function oneOf<const T extends string>(values: readonly T[]): Kind<T> {
  const check = (name: string, value: T) => requireOneOf(name, value, values);
  return { schema: z.enum(values) as unknown as z.ZodType<T>, written: values, check };
}

export function numbers(bounds: Bounds): Kind<readonly number[]> {
  return {
    schema: z.array(bounded(z.number(), bounds)),
    written: "numbers",
    check(name, values) {
      requireList(name, values);
      for (const value of values) requireNumber(name, value, bounds);
    },
  };
}

/** True or false; a command line says it by the flag alone, e.g. `--nesterov` or `--no-decay`. */
export const yesOrNo: Kind<boolean> = {
  schema: z.boolean(),
  written: "switch",
  check: requireBoolean,
};

/** A regular expression as text. */
export const pattern: Kind<string> = { schema: z.string(), written: "pattern", check: requireText };

/** A flag of `deno task train`. */
export interface KnobFlag {
  /** As commander takes it, e.g. `--lr <rate>`. */
  readonly name: string;
  /** Names the default where it depends on other knobs. */
  readonly help: string;
  /** The flag's own default, where options must state the knob, and how the help writes it. */
  readonly default?: readonly [value: unknown, text?: string];
}

/**
 * Where a knob must be stated. "required": in options and run specs; "stated": in run specs only;
 * "optional": nowhere. "later": nowhere either, and at its default a run's hash leaves it out, so
 * that the runs made before the knob existed keep their hash.
 */
export type Presence = "required" | "stated" | "optional" | "later";

interface Given {
  readonly [name: string]: unknown;
}

interface About<T, P extends Presence> {
  /** Default "later": right for every new knob. */
  readonly presence?: P;
  readonly default?: T;
  /** The default where it depends on the other knobs; those before this one have theirs. */
  defaultFor?(given: Given): T | undefined;
  readonly flag?: KnobFlag;
}

/** One setting of a training. */
export type Knob<T = unknown, P extends Presence = Presence> =
  & Kind<T>
  & Omit<About<T, P>, "presence">
  & { readonly presence: P };

/** Knobs that belong together; without them what they set is off. */
export interface KnobGroup<S extends KnobTable = KnobTable> {
  readonly knobs: S;
  readonly presence: "optional" | "later";
  /** Turns the group on; without it the first knob does by being positive. */
  readonly flag?: KnobFlag | undefined;
}

/** Knobs by name. */
export interface KnobTable {
  readonly [name: string]: Knob | KnobGroup;
}

export function knob<T, const P extends Presence = "later">(
  kind: Kind<T>,
  about: About<NoInfer<T>, P>,
): Knob<T, P> {
  return { ...kind, ...about, presence: about.presence ?? "later" as P };
}

export function group<S extends KnobTable>(
  knobs: S,
  { presence = "later", flag }: { presence?: "optional" | "later"; flag?: KnobFlag } = {},
): KnobGroup<S> {
  return { knobs, presence, flag };
}

export function isGroup(entry: Knob | KnobGroup): entry is KnobGroup {
  return "knobs" in entry;
}

/** The names of the knobs that `P` demands. */
export type Stating<S, P extends Presence> = {
  [K in keyof S]: S[K] extends { presence: infer Q } ? Q extends P ? K : never : never;
}[keyof S];

/** The knobs as options: those that `P` demands, and any of the others. */
export type Stated<S, P extends Presence> =
  & {
    readonly [K in keyof S as K extends Stating<S, P> ? K : never]: StatedValue<S[K], P>;
  }
  & {
    readonly [K in keyof S as K extends Stating<S, P> ? never : K]?:
      | StatedValue<S[K], P>
      | undefined;
  };
/** The value of a knob, or of a group's knobs. */
export type StatedValue<E, P extends Presence> = E extends { knobs: infer S } ? Stated<S, P>
  : E extends { schema: { readonly _output: infer T } } ? T
  : never;

/** Knobs as a caller sets them. */
export type OptionsOf<S> = Stated<S, "required">;
/** Knobs as a run spec states them. */
export type SpecOf<S> = Stated<S, "required" | "stated">;
/** Knobs with their defaults filled in; a group that is off is `null`. */
export type SettingsOf<S> = {
  readonly [K in keyof S]: S[K] extends { knobs: infer G } ? SettingsOf<G> | null
    : S[K] extends { schema: z.ZodType<infer T> } ? T
    : never;
};

/** The names of the knobs, those of a group under its own. */
export function knobNames<S extends KnobTable>(table: S): { [K in keyof S]: true | NameTable } {
  const names = Object.entries(table).map(([name, entry]) => [
    name,
    isGroup(entry) ? knobNames(entry.knobs) : true,
  ]);
  return Object.fromEntries(names);
}

function defaultOf(knob: Knob, given: Given): unknown {
  return knob.defaultFor ? knob.defaultFor(given) : knob.default;
}

/**
 * Fills in defaults, then checks every bound.
 *
 * @param prefix Stands before a knob's name in errors.
 * @throws {RangeError|TypeError} Naming the knob, its bound and the value found.
 */
export function resolveKnobs<S extends KnobTable>(
  table: S,
  options: object,
  prefix = "",
): SettingsOf<S> {
  const given = options as Given;
  const settings: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(table)) {
    const value = given[name];
    if (!isGroup(entry)) {
      const found = value ?? defaultOf(entry, { ...given, ...settings });
      settings[name] = entry.presence === "required" ? found : found ?? null;
    } else settings[name] = value ? resolveKnobs(entry.knobs, value, `${prefix}${name}.`) : null;
  }
  for (const [name, entry] of Object.entries(table)) {
    if (!isGroup(entry) && settings[name] !== null) entry.check(prefix + name, settings[name]);
  }
  return settings as SettingsOf<S>;
}

/** The schema of the knobs in a run spec. */
export function schemaOf<S extends KnobTable>(table: S): z.ZodType<SpecOf<S>> {
  const fields = Object.entries(table).map(([name, entry]): [string, z.ZodType] => {
    const schema = isGroup(entry) ? schemaOf(entry.knobs) : entry.schema;
    const needed = entry.presence === "required" || entry.presence === "stated";
    return [name, needed ? schema : schema.optional()];
  });
  return z.strictObject(Object.fromEntries(fields)) as unknown as z.ZodType<SpecOf<S>>;
}

/**
 * Knobs as a run spec states them: those given, and the defaults of those that a spec must have.
 *
 * @param settings All knobs with their defaults, as {@linkcode resolveKnobs} gives them.
 */
export function statedKnobs(
  table: KnobTable,
  given: Given,
  settings: Given,
): Record<string, unknown> {
  const entries = Object.entries(table).flatMap(([name, entry]) => {
    const value = given[name] ?? undefined;
    if (isGroup(entry)) {
      const inner = [value, settings[name]] as [Given | undefined, Given];
      return inner[0] === undefined ? [] : [[name, statedKnobs(entry.knobs, inner[0], inner[1])]];
    }
    if (value !== undefined) return [[name, value]];
    const needed = entry.presence === "required" || entry.presence === "stated";
    return needed ? [[name, settings[name]]] : [];
  });
  return Object.fromEntries(entries);
}

/** Leaves out the "later" knobs that are at their default. */
export function withoutLaterDefaults<T extends object>(table: KnobTable, settings: T): T {
  const kept = Object.entries(settings).flatMap(([name, value]) => {
    const entry = table[name];
    if (entry === undefined) return [[name, value]];
    if (isGroup(entry) && value) return [[name, withoutLaterDefaults(entry.knobs, value)]];
    const usual = isGroup(entry) ? null : defaultOf(entry, settings as Given) ?? null;
    const same = JSON.stringify(value ?? null) === JSON.stringify(usual);
    return same && entry.presence === "later" ? [] : [[name, value]];
  });
  return Object.fromEntries(kept);
}
