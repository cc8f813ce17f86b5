/** The flags of `deno task train`. */
import { Command, InvalidArgumentError, Option } from "commander";
import { type DatasetName, datasetNames } from "../../data/dataset.ts";
import { parseRunSpec, type RunSpec } from "../../experiments/specs/run_spec.ts";
import type { ToldOptions } from "../../nn/checkpoint_options.ts";
import type { Stem } from "../../nn/resnet18.ts";
import { addCheckpointFlags, requireFile, toldOptions } from "../checkpoint_flags.ts";
import { toNumber } from "../flag_values.ts";
import { addKnobFlags, type GivenKnobs, givenKnobs } from "./_knob_flags.ts";

/** Flags as parsed; absent where the default depends on another flag. */
export interface TrainFlags {
  readonly dataset: DatasetName;
  readonly data?: string;
  readonly out?: string;
  readonly resume: boolean;
  readonly demo: boolean;
  readonly limit?: number;
  readonly seed: number;
  readonly knobs: GivenKnobs;
  readonly bn: boolean;
  readonly stem?: Stem;
  readonly dropout: number;
  readonly pretrained?: string;
  /** What the pretrained weights' file may not say itself. */
  readonly told: ToldOptions;
  readonly spec?: RunSpec;
  readonly root?: string;
  readonly expect?: string;
  readonly events: boolean;
}

/** A run's settings as JSON, or the file that holds them: of their own or in a run's config.json. */
function toRunSpec(text: string): RunSpec {
  let json = text;
  try {
    if (!text.trimStart().startsWith("{")) json = Deno.readTextFileSync(text);
    const value = JSON.parse(json);
    return parseRunSpec(value.spec ?? value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentError(`Expected a run's settings, or a file with them: ${reason}`);
  }
}

const dataFlags = (command: Command) =>
  command
    .addOption(
      new Option("--dataset <name>", "what to train on")
        .choices(datasetNames).default("svhn"),
    )
    .option(
      "--data <dir>",
      "folder with the real datasets; missing files are an error (default: $LAB_DATA or data/raw, else procedural stand-ins)",
    )
    .option("--limit <n>", "use only the first n training images (default: all)", toNumber)
    .option(
      "--demo",
      "a short try: 1,000 images, 2 epochs, stand-ins unless a data folder is given",
      false,
    )
    .option("--out <dir>", "the run's directory (default: data/runs/<dataset>-s<seed>)")
    .option("--resume", "continue the run in that directory", false);

const modelFlags = (command: Command) =>
  command
    .option("--no-bn", "train without batch norm; convolutions get biases (default: with)")
    .addOption(
      new Option(
        "--stem <name>",
        "7x7 convolution and pooling, or 3x3 convolution (default: that of the pretrained weights, " +
          "else imagenet)",
      )
        .choices(["imagenet", "cifar"]),
    )
    .option("--dropout <p>", "probability of dropping a feature before the last layer", toNumber, 0)
    .option(
      "--pretrained <file|imagenet>",
      "start from the encoder in this safetensors file, or from ImageNet's, with its normalisation and a new last layer (default: random weights)",
    );

const specFlags = (command: Command) =>
  command
    .option(
      "--spec <file|json>",
      "make one run of the experiments instead, training and evaluation, with the settings in a " +
        "config.json; every setting is then the run's own (default: none)",
      toRunSpec,
    )
    .option("--root <dir>", "the folder whose data/runs keeps that run (default: this one)")
    .option(
      "--expect <hash>",
      "refuse that run if data or code give it another hash (default: any)",
    )
    .option("--events", "print that run's progress as lines of JSON", false);

/** What a run's own settings leave open. */
const BESIDE_SPEC = ["spec", "data", "root", "expect", "events"];

/** Flags of a run of the experiments and flags of a free training do not mix. */
function requireOneKind(command: Command): void {
  const given = command.options.filter((option) =>
    command.getOptionValueSource(option.attributeName()) === "cli"
  );
  const isRun = given.some((option) => option.attributeName() === "spec");
  for (const option of given) {
    const belongs = BESIDE_SPEC.includes(option.attributeName());
    if (isRun && !belongs) command.error(`error: ${option.long} has no effect with --spec`);
    if (!isRun && belongs && option.long !== "--data") {
      command.error(`error: ${option.long} has no effect without --spec`);
    }
  }
}

/** Flags of knobs that mean nothing, or something else, beside another knob. */
function requireConsistent(command: Command, { optimizer, classBalanced }: GivenKnobs): void {
  const given = (name: string) => command.getOptionValueSource(name) === "cli";
  if (optimizer !== "sgd" && given("momentum")) {
    command.error("error: --momentum has no effect without --optimizer sgd");
  }
  if (classBalanced && given("batchSize")) {
    command.error("error: --class-balanced fixes the batch size; leave out --batch-size");
  }
}

/**
 * Parses the command line. A wrong flag ends in one sentence on stderr and exit code 1, `--help` in
 * the list of flags with their defaults.
 *
 * @param arguments_ Without the program's name.
 * @returns The flags.
 */
export function parseTrainFlags(arguments_: readonly string[]): TrainFlags {
  const command = new Command("deno task train")
    .description("Trains a ResNet-18 and writes checkpoints, history and curves into a directory.")
    .allowExcessArguments(false);
  for (const setup of [dataFlags, modelFlags, addKnobFlags, specFlags]) setup(command);
  addCheckpointFlags(command, "the pretrained weights");
  command.parse([...arguments_], { from: "user" });
  requireOneKind(command);
  const { pretrained: file } = command.opts<TrainFlags>();
  requireFile(command, { file, flag: "--pretrained", own: ["stem"] });
  const knobs = givenKnobs(command);
  requireConsistent(command, knobs);
  return { ...command.opts<TrainFlags>(), knobs, told: toldOptions(command) };
}
