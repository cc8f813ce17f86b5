/** The flags of `deno task explore`. */
import { Command } from "commander";
import { wholeNumber } from "../flag_values.ts";

/** As parsed. */
export interface ExploreFlags {
  /** Run directories; empty: the quick runs are made. */
  readonly run: readonly string[];
  readonly data?: string;
  readonly folder: boolean;
  readonly out?: string;
  readonly images: number;
  readonly mapImages: number;
  readonly checkImages: number;
}

/**
 * Parses the command line. A wrong flag ends in one sentence on stderr and exit code 1.
 *
 * @param args Without the program's name.
 */
export function parseExploreFlags(args: readonly string[]): ExploreFlags {
  const more = (value: string, previous: string[]) => [...previous, value];
  return new Command("deno task explore")
    .description(
      "Writes a page in which trained networks run in the reader's browser: attack an image and " +
        "watch answer, confidence, saliency and place among the features. It holds the networks, " +
        "some test images and all code; it needs no network.",
    )
    .allowExcessArguments(false)
    .option(
      "--run <dir>",
      "a run directory with best.safetensors; once or twice, to compare (default: cifar-base and " +
        "cifar-pgd-at of the quick profile, made where they are missing)",
      more,
      [],
    )
    .option(
      "--data <dir>",
      "directory with the real images; missing files are an error (default: as each run was " +
        "trained, $LAB_DATA or data/raw)",
    )
    .option(
      "--folder",
      "a folder with half-precision weights instead of one file with 8 bits",
      false,
    )
    .option("--out <path>", "the file or folder (default: data/reports/explorer.html or explorer)")
    .option("--images <n>", "test images to choose from", wholeNumber(1), 40)
    .option("--map-images <n>", "test images on the feature map", wholeNumber(6), 500)
    .option(
      "--check-images <n>",
      "test images on which the stored weights are compared with the run's own",
      wholeNumber(1),
      1000,
    )
    .parse(args, { from: "user" })
    .opts<ExploreFlags>();
}
