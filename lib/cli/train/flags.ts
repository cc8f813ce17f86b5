/** The flags of `deno task train`. */
import { Command, InvalidArgumentError, Option } from "commander";
import type { AugmentName } from "../../data/augment.ts";
import { datasetDefinition, type DatasetName, datasetNames } from "../../data/dataset.ts";
import { parseRunSpec, type RunSpec } from "../../experiments/specs/run_spec.ts";
import type { Stem } from "../../nn/resnet18.ts";
import { parseEpsilon } from "../flag_values.ts";

/** Flags as parsed; absent where the default depends on another flag. */
export interface TrainFlags {
  readonly dataset: DatasetName;
  readonly data?: string;
  readonly out?: string;
  readonly resume: boolean;
  readonly demo: boolean;
  readonly limit?: number;
  readonly seed: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly optimizer: "sgd" | "adam";
  readonly lr?: number;
  readonly momentum: number;
  readonly weightDecay?: number;
  readonly bn: boolean;
  readonly stem: Stem;
  readonly dropout: number;
  readonly labelSmoothing: number;
  readonly augment: AugmentName;
  readonly freeze?: string;
  readonly pretrained?: string;
  readonly advTrain: boolean;
  readonly attack: "fgsm" | "pgd" | "trades";
  readonly epsilon: number;
  readonly iters?: number;
  readonly prob: number;
  readonly circleWeight: number;
  readonly circleMargin: number;
  readonly circleGamma: number;
  readonly classBalanced?: { readonly classes: number; readonly images: number };
  readonly spec?: RunSpec;
  readonly root?: string;
  readonly expect?: string;
  readonly events: boolean;
}

function toNumber(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

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

type Setup = (command: Command) => Command;

const dataFlags: Setup = (command) =>
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
    .option("--resume", "go on with the run in that directory", false)
    .option("--seed <n>", "seed of split, weights, order and draws", toNumber, 0);

const optimizationFlags: Setup = (command) =>
  command
    .option(
      "--epochs <n>",
      `passes over the training images (default: ${
        datasetNames.map((name) => `${name} ${datasetDefinition(name).epochs}`).join(", ")
      }, demo 2)`,
      toNumber,
    )
    .option("--batch-size <n>", "images a step (default: 128)", toNumber)
    .addOption(
      new Option("--optimizer <name>", "update rule").choices(["sgd", "adam"]).default("sgd"),
    )
    .option(
      "--lr <rate>",
      "learning rate, divided by 10 after 1/2 and 3/4 of the epochs (default: 0.01 sgd, 0.001 adam)",
      toNumber,
    )
    .option("--momentum <m>", "momentum of sgd", toNumber, 0.9)
    .option("--weight-decay <wd>", "coupled weight decay (default: 0.0005 sgd, 0 adam)", toNumber)
    .option(
      "--label-smoothing <e>",
      "probability moved from the label to the other classes",
      toNumber,
      0,
    )
    .addOption(
      new Option("--augment <name>", "changes to training images")
        .choices(["none", "standard", "flips", "rotations"]).default("none"),
    );

const modelFlags: Setup = (command) =>
  command
    .option("--no-bn", "train without batch norm; convolutions get biases (default: with)")
    .addOption(
      new Option("--stem <name>", "7x7 convolution and pooling, or 3x3 convolution")
        .choices(["imagenet", "cifar"]).default("imagenet"),
    )
    .option("--dropout <p>", "probability of dropping a feature before the last layer", toNumber, 0)
    .option(
      "--pretrained <file|imagenet>",
      "start from the encoder in this safetensors file, or from ImageNet's, with its normalisation and a new last layer (default: random weights)",
    )
    .option(
      "--freeze <pattern>",
      "do not train parameters whose names match, e.g. '^(?!fc)' (default: none)",
      toPattern,
    );

const trustFlags: Setup = (command) =>
  command
    .option("--adv-train", "train on adversarial batches", false)
    .addOption(
      new Option("--attack <name>", "which attack makes them")
        .choices(["fgsm", "pgd", "trades"]).default("pgd"),
    )
    .addOption(
      new Option("--epsilon <e>", "its budget in pixel units, a number or a fraction")
        .argParser(parseEpsilon).default(8 / 255, "8/255"),
    )
    .option("--iters <n>", "its steps (default: 1 fgsm, 7 pgd, 10 trades)", toNumber)
    .option("--prob <p>", "chance that a batch is made adversarial", toNumber, 0.5)
    .option("--circle-weight <w>", "weight of the Circle Loss on the features", toNumber, 0)
    .option("--circle-margin <m>", "its margin", toNumber, 0.4)
    .option("--circle-gamma <g>", "its scale", toNumber, 80)
    .addOption(
      new Option(
        "--class-balanced [PxK]",
        "batches of P classes with K images each; 10x12 without a value (default: off)",
      )
        .argParser(toClassesTimesImages).preset("10x12"),
    );

const specFlags: Setup = (command) =>
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

/** Flags that mean nothing, or something else, without or beside another one. */
function requireConsistent(command: Command): void {
  const given = (name: string) => command.getOptionValueSource(name) === "cli";
  const flags = command.opts<TrainFlags>();
  const needs: [boolean, string, readonly [key: string, flag: string][]][] = [
    [flags.advTrain, "--adv-train", [
      ["attack", "--attack"],
      ["epsilon", "--epsilon"],
      ["iters", "--iters"],
      ["prob", "--prob"],
    ]],
    [flags.circleWeight > 0, "a positive --circle-weight", [
      ["circleMargin", "--circle-margin"],
      ["circleGamma", "--circle-gamma"],
    ]],
    [flags.optimizer === "sgd", "--optimizer sgd", [["momentum", "--momentum"]]],
  ];
  for (const [present, needed, dependants] of needs) {
    for (const [key, flag] of dependants) {
      if (!present && given(key)) command.error(`error: ${flag} has no effect without ${needed}`);
    }
  }
  if (flags.classBalanced && given("batchSize")) {
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
  const setups = [dataFlags, optimizationFlags, modelFlags, trustFlags, specFlags];
  for (const setup of setups) setup(command);
  command.parse([...arguments_], { from: "user" });
  requireOneKind(command);
  requireConsistent(command);
  return command.opts<TrainFlags>();
}
