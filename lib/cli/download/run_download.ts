import { join } from "node:path";
import { datasetDefinition, type DatasetName, datasetNames } from "../../data/dataset.ts";
import { downloadAndUnpack } from "../../data/download_dataset.ts";
import { subsetBuilders } from "../../data/lab_subset.ts";
import { imagenetWeights, pretrainedFolder } from "../../experiments/runs/imagenet_weights.ts";
import { matrixDatasets } from "../../experiments/specs/matrix.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { checkoutRoot } from "../../experiments/records/run_paths.ts";
import { megabytes } from "../../format/megabytes.ts";
import { percent } from "../../format/percent.ts";
import { thousands } from "../../format/thousands.ts";
import { type CommandOutput, commandOutput } from "../output.ts";
import type { DownloadFlags } from "./flags.ts";

function chosenDatasets(dataset: DownloadFlags["dataset"]): readonly DatasetName[] {
  if (dataset === "all") return datasetNames;
  return dataset === "notebooks" ? matrixDatasets : [dataset];
}

async function fetchDataset(
  name: DatasetName,
  flags: DownloadFlags,
  signal: AbortSignal,
): Promise<void> {
  const { data, retries, stall } = flags;
  const { title, officialFiles } = datasetDefinition(name);
  const output = commandOutput(flags);
  output.remark(`${title} -> ${data}`);
  const line = output.line();
  for (const remote of officialFiles) {
    const state = await downloadAndUnpack(remote, data, {
      retries,
      stallSeconds: stall,
      onProgress: ({ bytes }) => {
        const fraction = bytes / remote.bytes;
        const text = `${remote.path}: ${megabytes(bytes)} of ${megabytes(remote.bytes)}`;
        line.show(`${text} (${percent(fraction, 0)})`, { fraction });
      },
      signal,
    }).finally(line.stop);
    const words = state === "present" ? "already there" : "fetched, checksum right";
    const { path } = remote;
    output.result({ dataset: name, path: join(data, path), state }, `  ${path}: ${words}`);
  }
}

async function buildSubsets(
  output: CommandOutput,
  names: readonly DatasetName[],
  from: string,
  to: string,
): Promise<void> {
  for (const name of names) {
    for (const { path, images } of await subsetBuilders[name]?.(from, to) ?? []) {
      const text = `  ${path}: ${thousands(images)} images, as in the published runs`;
      output.result({ dataset: name, path, images }, text);
    }
  }
}

async function isSameDirectory(a: string, b: string): Promise<boolean> {
  const real = (path: string) => Deno.realPath(path).catch(() => path);
  return await real(a) === await real(b);
}

async function fetchImagenet(output: CommandOutput, signal: AbortSignal): Promise<void> {
  const folder = pretrainedFolder(checkoutRoot());
  const weights = await imagenetWeights(folder, { signal });
  if ("reason" in weights) throw new Error(`Cannot fetch ImageNet weights: ${weights.reason}`);
  output.result({ path: weights.path }, `${weights.path}: there, checksum right`);
}

/**
 * Fetches the official files of the chosen datasets, one after the other, and builds the subsets if
 * asked for.
 *
 * @param flags From the command line.
 * @param signal Stops between two pieces; what was fetched stays for the next call.
 * @returns The exit code.
 * @throws {Error} One sentence on what went wrong.
 */
export async function runDownload(flags: DownloadFlags, signal: AbortSignal): Promise<number> {
  const output = commandOutput(flags);
  if (flags.imagenet) {
    await fetchImagenet(output, signal);
    return 0;
  }
  const names = chosenDatasets(flags.dataset);
  if (flags.subset !== undefined && await isSameDirectory(flags.data, flags.subset)) {
    throw new Error(`--subset must be another directory than --data, but both are ${flags.data}`);
  }
  // --data is looked at where something has to be fetched: one that is complete is only read.
  if (flags.subset !== undefined) await requireOutputFolder(flags.subset);
  for (const name of names) await fetchDataset(name, flags, signal);
  if (flags.subset !== undefined) await buildSubsets(output, names, flags.data, flags.subset);
  return 0;
}
