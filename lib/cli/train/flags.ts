/** The flags of `deno task train`. */
import { Command, InvalidArgumentError, Option } from "commander";
import { type DatasetName, datasetNames } from "../../data/dataset.ts";
import { specById, withSeed } from "../../experiments/specs/matrix.ts";
import {
  parseRunSpec,
  type Profile,
  profiles,
  type RunSpec,
} from "../../experiments/specs/run_spec.ts";
import { variantSpec } from "../../experiments/specs/variant.ts";
import { readTextBoundedSync } from "../../files/read_bounded.ts";
import { parseStrictJson } from "../../format/strict_json.ts";
import type { ToldOptions } from "../../nn/checkpoint_options.ts";
import { MODEL_FACTS, type ModelName } from "../../nn/model_names.ts";
import type { Stem } from "../../nn/resnet18.ts";
import { addCheckpointFlags, modelFlag, requireFile, toldOptions } from "../checkpoint_flags.ts";
import { toNumber } from "../flag_values.ts";
import { addKnobFlags, changedKnobs, type GivenKnobs, givenKnobs } from "./_knob_flags.ts";

/** Flags as parsed; absent where the default depends on another flag. */
export interface TrainFlags {
  readonly dataset: DatasetName;
  readonly data?: string;
  /** A folder of own pictures, in place of `dataset`. */
  readonly images?: string;
  readonly out?: string;
  readonly resume: boolean;
  readonly demo: boolean;
  readonly limit?: number;
  readonly seed: number;
  readonly knobs: GivenKnobs;
  readonly bn: boolean;
  /** Default: that of the pretrained weights, else a ResNet-18. */
  readonly model?: ModelName;
  readonly stem?: Stem;
  readonly dropout: number;
  readonly pretrained?: string;
  /** What the pretrained weights' file may not say itself. */
  readonly told: ToldOptions;
  /** One run of the experiments: of --spec, or the variant that --from and the other flags make. */
  readonly spec?: RunSpec;
  readonly from?: string;
  readonly root?: string;
  readonly expect?: string;
  readonly events: boolean;
}

/** The flags that a variant is made of. */
interface VariantFlags extends Pick<TrainFlags, "bn" | "stem" | "dropout" | "limit" | "seed"> {
  readonly from: string;
  readonly profile: Profile;
  readonly id?: string;
}

/** Far larger than any config.json. */
const MAX_SPEC_BYTES = 2 ** 22;

/** A run's settings as JSON, or the file that holds them: of their own or in a run's config.json. */
function toRunSpec(text: string): RunSpec {
  let json: string | undefined = text;
  try {
    if (!text.trimStart().startsWith("{")) json = readTextBoundedSync(text, MAX_SPEC_BYTES);
    if (json === undefined) throw new Error(`there is no file ${text}`);
    const value = parseStrictJson(json) as { readonly spec?: unknown };
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
    .option(
      "--images <dir>",
      "train on the pictures in this folder, one folder a class, or train/ and test/ with such " +
        "folders; without test/ a fifth is kept for the test (default: a dataset)",
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
    .addOption(
      modelFlag("network to train (default: that of the pretrained weights, else resnet18)"),
    )
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
      "--from <run>",
      "make a variant of this run of the experiments, training and evaluation; only the settings " +
        "whose flags are given differ (default: none)",
    )
    .addOption(
      new Option("--profile <name>", "the profile of that run").choices(profiles).default("quick"),
    )
    .option("--id <name>", "the variant's name (default: the run's with what differs)")
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
/** Flags about the run that --from names. */
const BESIDE_FROM = ["from", "profile", "id"];
/** Flags of a free training that a variant has no use for: they are its parent's. */
const NOT_BESIDE_FROM = [
  ...["dataset", "images", "demo", "out", "resume", "pretrained", "spec"],
  ...["mean", "std", "classes", "imageSize"],
];

/** The options that the command line gives. */
function givenOptions(command: Command): readonly Option[] {
  return command.options.filter((option) =>
    command.getOptionValueSource(option.attributeName()) === "cli"
  );
}

/** Flags of a run of the experiments and flags of a free training do not mix. */
function requireOneKind(command: Command): void {
  const given = givenOptions(command);
  const has = (name: string) => given.some((option) => option.attributeName() === name);
  for (const option of given) {
    const name = option.attributeName();
    const besideFrom = !NOT_BESIDE_FROM.includes(name);
    const besideSpec = BESIDE_SPEC.includes(name);
    if (has("from")) {
      if (!besideFrom) command.error(`error: ${option.long} has no effect with --from`);
    } else if (BESIDE_FROM.includes(name)) {
      command.error(`error: ${option.long} has no effect without --from`);
    } else if (has("spec")) {
      if (!besideSpec) command.error(`error: ${option.long} has no effect with --spec`);
    } else if (besideSpec && option.long !== "--data") {
      command.error(`error: ${option.long} has no effect without --spec or --from`);
    }
  }
}

/** The name of a variant that is given none: its parent's with the flags that change it. */
function variantId(from: string, changing: readonly Option[], command: Command): string {
  const parts = changing.map((option) => {
    const value: unknown = command.getOptionValue(option.attributeName());
    const text = typeof value === "boolean" ? "" : `-${JSON.stringify(value)}`;
    return `${option.long!.slice(2)}${text}`;
  });
  return [from, ...parts].join("-").toLowerCase().replaceAll(/[^a-z0-9.]+/g, "-")
    .replace(/-$/, "");
}

/** The spec of the variant that --from and the other flags describe. */
function variantOf(command: Command): RunSpec {
  const { from, profile, id, seed, bn, stem, dropout, limit } = command.opts<VariantFlags>();
  const parent = specById(profile, from);
  const changing = givenOptions(command).filter((option) => {
    const name = option.attributeName();
    return ![...BESIDE_SPEC, ...BESIDE_FROM, "seed"].includes(name);
  });
  if (changing.length === 0) {
    throw new RangeError("Expected a flag that changes a setting beside --from, e.g. --lr 0.05");
  }
  const given = (name: string) => command.getOptionValueSource(name) === "cli";
  const { seed: _, ...train } = changedKnobs(command, { ...parent.train });
  const spec = variantSpec(parent, {
    id: id ?? variantId(from, changing, command),
    train,
    model: {
      ...(given("bn") ? { batchNorm: bn } : {}),
      ...(given("stem") ? { stem } : {}),
      ...(given("dropout") ? { dropout } : {}),
    },
    data: given("limit") ? { trainLimit: limit } : {},
  });
  return withSeed(spec, seed);
}

/** Flags about the lab's data sets mean nothing beside own images. */
function requireOneSource(command: Command): void {
  if (command.getOptionValueSource("images") !== "cli") return;
  for (const name of ["dataset", "data", "demo", "limit"]) {
    if (command.getOptionValueSource(name) === "cli") {
      command.error(`error: --${name} has no effect with --images`);
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

/** A network with one stem takes no flags about it. */
function requireOwnStem(command: Command): void {
  const { model } = command.opts<TrainFlags>();
  if (model === undefined || MODEL_FACTS[model].choosesStem) return;
  for (const [name, flag] of [["stem", "--stem"], ["bn", "--no-bn"]] as const) {
    if (command.getOptionValueSource(name) === "cli") {
      command.error(`error: ${flag} has no effect with --model ${model}`);
    }
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
    .description("Trains a network and writes checkpoints, history and curves into a directory.")
    .allowExcessArguments(false);
  for (const setup of [dataFlags, modelFlags, addKnobFlags, specFlags]) setup(command);
  addCheckpointFlags(command, "the pretrained weights");
  command.parse([...arguments_], { from: "user" });
  requireOneKind(command);
  const { from } = command.opts<TrainFlags>();
  if (from !== undefined) {
    try {
      const spec = variantOf(command);
      return { ...command.opts<TrainFlags>(), knobs: {}, told: {}, spec };
    } catch (error) {
      command.error(`error: ${(error as Error).message}`);
    }
  }
  requireOneSource(command);
  const { pretrained: file, images } = command.opts<TrainFlags>();
  const own: (keyof ToldOptions)[] = images === undefined ? [] : ["imageSize"];
  requireFile(command, { file, flag: "--pretrained", own: [...own, "stem", "model"] });
  requireOwnStem(command);
  const knobs = givenKnobs(command);
  requireConsistent(command, knobs);
  return { ...command.opts<TrainFlags>(), knobs, told: toldOptions(command) };
}
