import { datasetDefinition, type DatasetName, datasetNames } from "../../data/dataset.ts";
import { downloadAndUnpack } from "../../data/download_dataset.ts";
import type { DownloadProgress } from "../../data/download_file.ts";
import { subsetBuilders } from "../../data/lab_subset.ts";
import { imagenetWeights, pretrainedFolder } from "../../experiments/runs/imagenet_weights.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { checkoutRoot } from "../../experiments/records/run_paths.ts";
import type { DownloadFlags } from "./flags.ts";

const MEGABYTE = 1e6;
const REPORT_MS = 200;

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}

/** Shows progress on one line of a terminal; elsewhere each tenth on a line of its own. */
function progressLine() {
  const isTerminal = Deno.stderr.isTerminal();
  let shownAt = -Infinity;
  let tenth = -1;
  const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
  return {
    show({ path, bytes, totalBytes }: DownloadProgress) {
      const share = bytes / totalBytes;
      const text = `${path}: ${megabytes(bytes)} of ${megabytes(totalBytes)} MB ` +
        `(${Math.floor(100 * share)} %)`;
      if (isTerminal) {
        if (performance.now() - shownAt < REPORT_MS && share < 1) return;
        shownAt = performance.now();
        write(`\r\x1b[K${text}`);
      } else if (Math.floor(10 * share) !== tenth) {
        tenth = Math.floor(10 * share);
        write(`${text}\n`);
      }
    },
    clear() {
      tenth = -1;
      if (isTerminal) write("\r\x1b[K");
    },
  };
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
      onProgress: line.show,
      signal,
    }).finally(line.clear);
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
      console.log(`  ${path}: ${images.toLocaleString("en-US")} images, as in the published runs`);
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
  const names = flags.dataset === "all" ? datasetNames : [flags.dataset];
  if (flags.subset !== undefined && await isSameDirectory(flags.data, flags.subset)) {
    throw new Error(`--subset must be another directory than --data, but both are ${flags.data}`);
  }
  // --data is looked at where something has to be fetched: one that is complete is only read.
  if (flags.subset !== undefined) await requireOutputFolder(flags.subset);
  for (const name of names) await fetchDataset(name, flags, signal);
  if (flags.subset !== undefined) await buildSubsets(names, flags.data, flags.subset);
  return 0;
}
