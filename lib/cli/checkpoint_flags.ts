/** The flags that say of a checkpoint what it may not say itself. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { datasetDefinition, type DatasetName, datasetNames } from "../data/dataset.ts";
import { imagenetNormalisation, type ToldOptions } from "../nn/checkpoint_options.ts";
import { MODEL_NAMES, modelNamed } from "../nn/model_names.ts";
import { wholeNumber } from "./flag_values.ts";

/** Statistics of the original training images, by name. */
function knownStatistics(name: string) {
  if (name === "imagenet") return imagenetNormalisation;
  const dataset = datasetNames.find((known) => known === name) as DatasetName | undefined;
  return dataset && datasetDefinition(dataset).normalisation;
}

/**
 * Makes a reader of one number a channel, of one number for all, or of a data set's name.
 *
 * @param which What the name stands for.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * assertEquals(channelValues("mean")("0.5,0.4,0.3"), [0.5, 0.4, 0.3]);
 * assertEquals(channelValues("std")("imagenet"), [0.229, 0.224, 0.225]);
 * ```
 */
export function channelValues(which: "mean" | "std"): (text: string) => number[] {
  return (text) => {
    const known = knownStatistics(text.trim().toLowerCase());
    if (known !== undefined) return [...known[which]];
    const values = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
    const fits = (value: number) =>
      Number.isFinite(value) && (which === "mean" || value > 0) && Math.abs(value) <= 1;
    if (values.every(fits)) return values;
    const names = datasetNames.filter((name) => datasetDefinition(name).normalisation);
    throw new InvalidArgumentError(
      `Expected one number of pixels in [0, 1] for each channel, e.g. 0.5,0.5,0.5, or the name of ` +
        `a data set (imagenet, ${names.join(", ")}).`,
    );
  };
}

/** Reads "64" or "48x32". */
export function imageSize(text: string): NonNullable<ToldOptions["imageSize"]> {
  const [, height, width] = /^\s*(\d+)(?:\s*x\s*(\d+))?\s*$/.exec(text) ?? [];
  if (height === undefined) {
    throw new InvalidArgumentError("Expected a number of pixels, or height x width such as 48x32.");
  }
  if (width === undefined || width === height) return Number(height);
  return [Number(height), Number(width)];
}

/** How {@linkcode imageSize} reads it. */
export function sizeText(size: NonNullable<ToldOptions["imageSize"]>): string {
  return typeof size === "number" ? `${size}` : size.join("x");
}

/**
 * The flag `--model`.
 *
 * @param help What the command does with the network that it names.
 */
export function modelFlag(help: string): Option {
  return new Option("--model <name>", `${help}; one of ${MODEL_NAMES.join(", ")}`).argParser(
    (text) => {
      const name = modelNamed(text);
      if (name !== undefined) return name;
      throw new InvalidArgumentError(`Expected one of ${MODEL_NAMES.join(", ")}.`);
    },
  );
}

/**
 * Adds `--mean --std --classes --image-size`, and `--model` and `--stem` where the command has none of its own.
 *
 * @param what The weights that they are about, for the help, e.g. "the checkpoint".
 */
export function addCheckpointFlags(command: Command, what: string): Command {
  const its = `of ${what}`;
  command
    .option(
      "--mean <list>",
      `pixels' mean ${its}: numbers, or a data set's name (default: the file's, else ImageNet's, which is said)`,
      channelValues("mean"),
    )
    .option(
      "--std <list>",
      "their standard deviation, likewise (default: the file's, else ImageNet's, which is said)",
      channelValues("std"),
    )
    .option(
      "--classes <n>",
      `classes ${its} (default: what its last layer has)`,
      wholeNumber(2),
    )
    .option(
      "--image-size <n>",
      "side, or height x width, of the images that the model reads (default: the file's, else 32)",
      imageSize,
    );
  if (command.options.every(({ long }) => long !== "--model")) {
    command.addOption(modelFlag(`network ${its} (default: by its metadata or tensors)`));
  }
  if (command.options.some(({ long }) => long === "--stem")) return command;
  return command.addOption(
    new Option("--stem <name>", `first layers ${its} (default: by its first convolution)`)
      .choices(["imagenet", "cifar"]),
  );
}

/** The options that the flags of a parsed command give. */
export function toldOptions(command: Command): ToldOptions {
  const names = ["model", "mean", "std", "stem", "classes", "imageSize"] as const;
  const given = names.filter((name) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(given.map((name) => [name, command.getOptionValue(name)]));
}

/**
 * Ends the program if one of the flags is given where no file is named that it could be about.
 *
 * @param file What `flag` names, if anything.
 * @param own Flags that the command has for something else too.
 */
export function requireFile(
  command: Command,
  { file, flag, own = [] }: {
    readonly file: string | undefined;
    readonly flag: string;
    readonly own?: readonly (keyof ToldOptions)[];
  },
): void {
  if (file !== undefined && file !== "imagenet") return;
  for (const name of Object.keys(toldOptions(command)) as (keyof ToldOptions)[]) {
    if (own.includes(name)) continue;
    const option = command.options.find((one) => one.attributeName() === name)!;
    command.error(`error: ${option.long} has no effect without ${flag} FILE`);
  }
}
