/** The flags of commands that make runs of the experiment matrix. */
import { Command, Option } from "commander";
import { type Profile, profiles } from "../experiments/specs/run_spec.ts";
import type { ToldOptions } from "../nn/checkpoint_options.ts";
import { addCheckpointFlags, requireFile, toldOptions } from "./checkpoint_flags.ts";
import { parseNames, wholeNumbers } from "./flag_values.ts";

/** Which runs, on which data. */
export interface RunFlags {
  readonly profile: Profile;
  readonly data?: string;
  readonly seeds: number[];
  readonly only?: string[];
  readonly pretrained?: string;
  /** What the file of --pretrained may not say itself. */
  readonly pretrainedOptions: ToldOptions;
}

/**
 * A command with the flags that choose runs.
 *
 * @param name What the user typed.
 * @param description What it does, in a sentence or two.
 */
export function runCommand(name: string, description: string): Command {
  const command = new Command(name)
    .description(description)
    .addOption(
      new Option("--profile <name>", "how long the runs are").choices(profiles).default("quick"),
    )
    .option(
      "--data <dir>",
      "directory with the real images; missing files are an error (default: stand-ins in quick, " +
        "data/raw else)",
    )
    .option("--seeds <list>", "seeds of every run", wholeNumbers(0), [0])
    .option("--only <ids>", "only these runs, separated by commas", parseNames)
    .option(
      "--pretrained <file|imagenet>",
      "encoder of the *-pretrained runs (default: the profile's; a stand-in is named in the record)",
    );
  return addCheckpointFlags(command, "the pretrained weights");
}

/** The flags of a parsed command; those about a file end the program where none is named. */
export function runFlags<T extends RunFlags>(command: Command): T {
  const flags = command.opts<T>();
  requireFile(command, { file: flags.pretrained, flag: "--pretrained" });
  return { ...flags, pretrainedOptions: toldOptions(command) };
}
