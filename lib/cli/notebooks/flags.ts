import { Command, InvalidArgumentError, Option } from "commander";
import { addOutputFlags, type OutputFlags } from "../output.ts";
import { type NotebookSettings, type Profile, PROFILES } from "./run_notebooks.ts";

function seedList(text: string): number[] {
  const seeds = text.split(",").map(Number);
  if (seeds.some((seed) => !Number.isSafeInteger(seed) || seed < 0)) {
    throw new InvalidArgumentError("Name whole numbers from 0 on, separated by commas.");
  }
  return seeds;
}

/** What a command says after Ctrl-C. */
export const NOTEBOOKS_INTERRUPTED =
  "Interrupted; finished runs are cached, so the same command continues from there.";

/** The flags that every command about executing notebooks has. */
export interface NotebookFlags extends OutputFlags {
  readonly profile: Profile;
  readonly data?: string;
  readonly seeds?: number[];
  readonly only?: string[];
}

/**
 * A command with the flags that say what notebooks compute.
 *
 * @param name What the user typed.
 * @param description One sentence.
 * @param profile The default profile.
 */
export function notebookCommand(name: string, description: string, profile: Profile): Command {
  return addOutputFlags(new Command(name))
    .description(description)
    .addOption(
      new Option("--profile <name>", "how much to compute").choices(PROFILES).default(profile),
    )
    .option("--data <dir>", "folder with the real datasets (default: procedural images)")
    .option("--seeds <list>", "seeds of repeated runs, e.g. 0,1,2", seedList)
    .option(
      "--only <list>",
      "notebooks to execute, e.g. 1 or 1,3",
      (text: string) => text.split(","),
    );
}

/** The notebooks' settings out of parsed flags. */
export function notebookSettings(flags: NotebookFlags): NotebookSettings {
  return {
    profile: flags.profile,
    ...(flags.data === undefined ? {} : { data: flags.data }),
    ...(flags.seeds === undefined ? {} : { seeds: flags.seeds }),
  };
}
