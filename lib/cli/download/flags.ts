import { Command, Option } from "commander";
import { type DatasetName, datasetNames } from "../../data/dataset.ts";
import { defaultDataDirectory } from "../../data/load_dataset.ts";
import { wholeNumber } from "../flag_values.ts";

/** What `deno task download` shall do. */
export interface DownloadFlags {
  readonly dataset: DatasetName | "all";
  /** Data directory. */
  readonly data: string;
  /** Where to build the subsets, if they are wanted. */
  readonly subset?: string;
  /** Instead of datasets: ResNet-18's ImageNet weights, for the pretrained runs. */
  readonly imagenet?: boolean;
  readonly retries: number;
  /** Seconds. */
  readonly stall: number;
}

/** Reads the flags; prints help or one clear sentence and exits where they ask for it. */
export function parseDownloadFlags(args: readonly string[]): DownloadFlags {
  return new Command()
    .name("deno task download")
    .description(
      "Fetches the official files of MNIST (12 MB), SVHN (246 MB) and CIFAR-10 (170 MB, unpacked 184 MB) " +
        "and checks them against the published checksums. A stopped download goes on where it was.",
    )
    .addOption(
      new Option("--dataset <name>", "which dataset").choices(["all", ...datasetNames]).default(
        "all",
      ),
    )
    .option("--data <dir>", "data directory (or set LAB_DATA)", defaultDataDirectory())
    .option(
      "--subset <dir>",
      "then build the SVHN split and the CIFAR-10 subset of the published runs in this directory",
    )
    .option(
      "--imagenet",
      "instead of datasets, fetch ImageNet weights of ResNet-18 (47 MB) for the pretrained runs",
    )
    .option("--retries <n>", "further tries per address", wholeNumber(0), 3)
    .option("--stall <seconds>", "give up a silent connection after", wholeNumber(1), 30)
    .allowExcessArguments(false)
    .parse(args as string[], { from: "user" })
    .opts<DownloadFlags>();
}
