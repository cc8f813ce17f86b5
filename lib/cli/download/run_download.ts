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
import { progressLine } from "../../terminal/progress.ts";
import type { DownloadFlags } from "./flags.ts";

function chosenDatasets(dataset: DownloadFlags["dataset"]): readonly DatasetName[] {
  if (dataset === "all") return datasetNames;
  return dataset === "notebooks" ? matrixDatasets : [dataset];
}

async function fetchDataset(
  name: DatasetName,
  { data, retries, stall }: DownloadFlags,
  signal: AbortSignal,
): Promise<void> {
  const { title, officialFiles } = datasetDefinition(name);
  console.log(`${title} -> ${data}`);
  const line = progressLine();
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
    console.log(`  ${remote.path}: ${words}`);
  }
}

async function buildSubsets(
  names: readonly DatasetName[],
  from: string,
  to: string,
): Promise<void> {
  for (const name of names) {
    for (const { path, images } of await subsetBuilders[name]?.(from, to) ?? []) {
      console.log(`  ${path}: ${thousands(images)} images, as in the published runs`);
    }
  }
}

async function isSameDirectory(a: string, b: string): Promise<boolean> {
  const real = (path: string) => Deno.realPath(path).catch(() => path);
  return await real(a) === await real(b);
}

async function fetchImagenet(signal: AbortSignal): Promise<void> {
  const folder = pretrainedFolder(checkoutRoot());
  const weights = await imagenetWeights(folder, { signal });
  if ("reason" in weights) throw new Error(`Cannot fetch ImageNet weights: ${weights.reason}`);
  console.log(`${weights.path}: there, checksum right`);
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
  if (flags.imagenet) {
    await fetchImagenet(signal);
    return 0;
  }
  const names = chosenDatasets(flags.dataset);
  if (flags.subset !== undefined && await isSameDirectory(flags.data, flags.subset)) {
    throw new Error(`--subset must be another directory than --data, but both are ${flags.data}`);
  }
  // --data is looked at where something has to be fetched: one that is complete is only read.
  if (flags.subset !== undefined) await requireOutputFolder(flags.subset);
  for (const name of names) await fetchDataset(name, flags, signal);
  if (flags.subset !== undefined) await buildSubsets(names, flags.data, flags.subset);
  return 0;
}
