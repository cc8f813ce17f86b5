import { megabytes } from "../../format/megabytes.ts";
import { Command, Option } from "commander";
import { datasetDefinition, type DatasetName, datasetNames } from "../../data/dataset.ts";
import { defaultDataDirectory } from "../../data/data_directory.ts";
import { matrixDatasets } from "../../experiments/specs/matrix.ts";
import { addOutputFlags, type OutputFlags } from "../output.ts";
import { wholeNumber } from "../flag_values.ts";

/** The flags of `deno task download`. */
export interface DownloadFlags extends OutputFlags {
  readonly dataset: DatasetName | "notebooks" | "all";
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

/** E.g. "CIFAR-10 (170 MB, unpacked 184 MB)". */
function titleAndSize(name: DatasetName): string {
  const { title, officialFiles } = datasetDefinition(name);
  const total = (sizes: readonly number[]) =>
    megabytes(sizes.reduce((sum, bytes) => sum + bytes, 0));
  const members = officialFiles.flatMap((file) => Object.values(file.members ?? {}));
  const packed = total(officialFiles.map(({ bytes }) => bytes));
  return `${title} (${packed}${members.length > 0 ? `, unpacked ${total(members)}` : ""})`;
}

/** Reads the flags; prints help or one clear sentence and exits where they ask for it. */
export function parseDownloadFlags(args: readonly string[]): DownloadFlags {
  return addOutputFlags(new Command())
    .name("deno task download")
    .description(
      `Fetches the official files of ${datasetNames.map(titleAndSize).join(", ")} ` +
        "and checks them against the published checksums. A stopped download continues where it was.",
    )
    .addOption(
      new Option(
        "--dataset <name>",
        `which dataset; "notebooks" stands for ${matrixDatasets.join(", ")}`,
      ).choices(["notebooks", "all", ...datasetNames]).default("notebooks"),
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
