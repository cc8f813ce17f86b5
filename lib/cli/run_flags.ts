/** The flags of commands that make runs of the experiment matrix. */
import { Command, InvalidArgumentError, Option } from "commander";
import { variantsOf } from "../experiments/specs/own_runs.ts";
import { type Profile, profiles, type RunSpec } from "../experiments/specs/run_spec.ts";
import type { ToldOptions } from "../nn/checkpoint_options.ts";
import { addCheckpointFlags, requireFile, toldOptions } from "./checkpoint_flags.ts";
import { addOutputFlags, type OutputFlags } from "./output.ts";
import { parseNames, wholeNumbers } from "./flag_values.ts";

/** A file that describes variants. */
interface VariantFile {
  readonly file: string;
  readonly value: unknown;
}

function addVariantFile(file: string, before: readonly VariantFile[]): VariantFile[] {
  try {
    return [...before, { file, value: JSON.parse(Deno.readTextFileSync(file)) }];
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : (error as Error).message;
    throw new InvalidArgumentError(`Expected a JSON file with variants: ${file}: ${reason}`);
  }
}

/** The specs of the variants that the flags name. */
export function variantSpecs({ variant }: RunFlags, profile: Profile): RunSpec[] {
  return variant.flatMap(({ file, value }) => {
    try {
      return variantsOf(profile, value);
    } catch (error) {
      throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
    }
  });
}

/** Which runs, on which data. */
export interface RunFlags extends OutputFlags {
  readonly profile: Profile;
  readonly data?: string;
  readonly seeds: number[];
  readonly only?: string[];
  readonly pretrained?: string;
  /** Files with variants. */
  readonly variant: readonly VariantFile[];
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
    .option("--only <ids>", "only these runs and the variants, separated by commas", parseNames)
    .option(
      "--variant <file>",
      'variants to make beside them: JSON such as { "from": "svhn-baseline", "id": "mine", ' +
        '"train": { "epochs": 8 } }, or a list; may be repeated',
      addVariantFile,
      [],
    )
    .option(
      "--pretrained <file|imagenet>",
      "encoder of the *-pretrained runs (default: the profile's; a stand-in is named in the record)",
    );
  return addOutputFlags(addCheckpointFlags(command, "the pretrained weights"));
}

/** The flags of a parsed command; those about a file end the program where none is named. */
export function runFlags<T extends RunFlags>(command: Command): T {
  const flags = command.opts<T>();
  if (flags.variant.length > 0 && command.getOptionValue("publish")) {
    command.error("error: --publish is for the runs of the matrix; leave out --variant");
  }
  requireFile(command, { file: flags.pretrained, flag: "--pretrained" });
  return { ...flags, pretrainedOptions: toldOptions(command) };
}
