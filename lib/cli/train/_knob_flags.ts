/** The flags of the training knobs, as {@linkcode trainKnobs} declares them. */
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  isGroup,
  type Knob,
  type KnobFlag,
  type KnobGroup,
  type KnobTable,
  type OptionsOf,
} from "../../train/knob_definition.ts";
import { trainKnobs } from "../../train/knobs.ts";
import { parseBudget, toNumber, toNumbers } from "../flag_values.ts";

/** Knobs as flags give them; the number of epochs may be left to the dataset. */
export type GivenKnobs = Partial<OptionsOf<typeof trainKnobs>>;

function toPattern(text: string): string {
  try {
    new RegExp(text);
    return text;
  } catch {
    throw new InvalidArgumentError("Expected a regular expression such as '^layer[12]'.");
  }
}

/** "10x12" as ten classes with twelve images each. */
function toClassesTimesImages(text: string): { classes: number; images: number } {
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError("Expected classes x images, such as 10x12.");
  return { classes: Number(match[1]), images: Number(match[2]) };
}

const parsers: Record<string, (text: string) => unknown> = {
  number: toNumber,
  numbers: toNumbers,
  budget: parseBudget,
  pattern: toPattern,
};

function groupOption({ name, help }: KnobFlag): Option {
  const option = new Option(name, help);
  return option.optional
    ? option.argParser(toClassesTimesImages).preset("10x12")
    : option.default(false);
}

function knobOption(knob: Knob, flag: KnobFlag): Option {
  const option = new Option(flag.name, flag.help);
  const { written } = knob;
  if (option.negate) return option; // commander's own default: true
  if (typeof written !== "string") option.choices(written);
  else if (written !== "switch") option.argParser(parsers[written]!);
  const [value, text] = flag.default ?? [knob.default];
  return option.default(value, text);
}

/** Adds the flag of every knob that has one. */
export function addKnobFlags(command: Command, table: KnobTable = trainKnobs): void {
  for (const entry of Object.values(table)) {
    if (isGroup(entry)) {
      if (entry.flag) command.addOption(groupOption(entry.flag));
      addKnobFlags(command, entry.knobs);
    } else if (entry.flag) command.addOption(knobOption(entry, entry.flag));
  }
}

/** The value of a flag, and whether the command line has it. */
function valueOf(command: Command, { name }: KnobFlag) {
  const option = new Option(name);
  const key = option.attributeName();
  const given = command.getOptionValueSource(key) === "cli";
  return { long: option.long, given, value: command.getOptionValue(key) as unknown };
}

function groupValues(command: Command, { knobs, flag }: KnobGroup): unknown {
  const first = Object.values(knobs)[0] as Knob;
  const { value, long } = valueOf(command, flag ?? first.flag!);
  if (typeof value === "object") return value;
  if (value) return valuesOf(command, knobs);
  for (const entry of Object.values(knobs)) {
    if (isGroup(entry) || !entry.flag || (!flag && entry === first)) continue;
    const dependant = valueOf(command, entry.flag);
    const needed = flag ? long : `a positive ${long}`;
    if (dependant.given) command.error(`error: ${dependant.long} has no effect without ${needed}`);
  }
  return undefined;
}

function valuesOf(command: Command, table: KnobTable): Record<string, unknown> {
  const values = Object.entries(table).map(([name, entry]) => [
    name,
    isGroup(entry) ? groupValues(command, entry) : entry.flag && valueOf(command, entry.flag).value,
  ]);
  return Object.fromEntries(values);
}

/**
 * Gathers the knobs from a parsed command line. A flag whose group is off ends the program with one
 * sentence.
 */
export function givenKnobs(command: Command): GivenKnobs {
  return valuesOf(command, trainKnobs) as GivenKnobs;
}

/** The values of a table's flags that the command line has; of a group that is new, all it needs. */
function changedValues(command: Command, table: KnobTable, before: object): object {
  const values = Object.entries(table).flatMap(([name, entry]): [string, unknown][] => {
    const old = (before as Record<string, unknown>)[name];
    if (!isGroup(entry)) {
      const { given, value } = entry.flag
        ? valueOf(command, entry.flag)
        : { given: false, value: 0 };
      return given ? [[name, value]] : [];
    }
    const asked = entry.flag && valueOf(command, entry.flag);
    if (asked?.given && typeof asked.value === "object") return [[name, asked.value]];
    const inner = changedValues(command, entry.knobs, (old ?? {}) as object);
    if (old === undefined && asked?.given) return [[name, valuesOf(command, entry.knobs)]];
    if (Object.keys(inner).length > 0) return [[name, inner]];
    return [];
  });
  return Object.fromEntries(values);
}

/**
 * The knobs that a parsed command line changes; those whose flags it does not have are left out.
 *
 * @param before The knobs that are changed.
 */
export function changedKnobs(command: Command, before: object): GivenKnobs {
  return changedValues(command, trainKnobs, before) as GivenKnobs;
}
