/** `deno task explore`, once its flags are known. */
import { join, resolve } from "node:path";
import { datasetDefinition } from "../../data/dataset.ts";
import { loadDataset } from "../../data/load_dataset.ts";
import { loadRecord, readConfig } from "../../experiments/records/record.ts";
import { checkoutRoot, reportsFolder, runsFolder } from "../../experiments/records/run_paths.ts";
import { runAll } from "../../experiments/run_experiment.ts";
import { chooseRuns } from "../../experiments/specs/choose_runs.ts";
import { exists } from "../../files/exists.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { writeAtomically } from "../../files/write_atomically.ts";
import { megabytes } from "../../format/megabytes.ts";
import { percent } from "../../format/percent.ts";
import { type DatasetCheckpoint, openCheckpoint } from "../eval/open_checkpoint.ts";
import { explorerPage } from "./_explorer_page.ts";
import type { ExploreFlags } from "./flags.ts";

const QUICK_RUNS = ["cifar-base", "cifar-pgd-at"];
const MOST_RUNS = 2;

/** The directories of the quick runs, which are made where they are missing. */
async function quickRuns({ data }: ExploreFlags, signal: AbortSignal): Promise<string[]> {
  console.log(
    `No --run: takes ${
      QUICK_RUNS.join(" and ")
    } of the quick profile, and trains what is missing. ` +
      "Quick runs show how the page works, not how good the networks can be.",
  );
  const root = checkoutRoot();
  await requireOutputFolder(runsFolder(root));
  const source = data === undefined ? undefined : "real";
  const { specs, matrix } = chooseRuns({ profile: "quick", only: QUICK_RUNS, source });
  const given = data === undefined ? {} : { dataDirectory: data };
  const results = await runAll(specs, { root, matrix, signal, ...given });
  return results.map(({ directory }) => directory);
}

/** Opens the best weights of a run. */
async function openRun(directory: string): Promise<DatasetCheckpoint> {
  const path = join(directory, "best.safetensors");
  if (!await exists(path)) {
    throw new Error(
      `Expected --run to name a run directory with best.safetensors but found none in ${directory}: ` +
        "name one of data/runs (committed records have no weights), or train one with deno task train",
    );
  }
  return await openCheckpoint(path, undefined);
}

function requireComparable(runs: readonly DatasetCheckpoint[]): void {
  const [first, second] = runs;
  if (second === undefined || first!.dataset === second.dataset) return;
  throw new Error(
    `Expected two runs on one data set but found ${first!.run} on ` +
      `${datasetDefinition(first!.dataset).title} and ${second.run} on ` +
      `${datasetDefinition(second.dataset).title}: name two that answer the same question`,
  );
}

/** The test images: real ones, unless the first run learned from stand-ins and none are named. */
async function testImages(
  directory: string,
  { dataset }: DatasetCheckpoint,
  { data }: ExploreFlags,
) {
  const config = await readConfig(directory).catch(() => undefined); // of a training by the library
  if (data !== undefined) {
    return await loadDataset(dataset, "test", { directory: data, source: "real" });
  }
  const source = config?.source === "procedural" ? "procedural" : "auto";
  return await loadDataset(dataset, "test", { source });
}

/**
 * Builds the explorer's page and says what it holds.
 *
 * @returns The exit code.
 */
export async function runExplore(flags: ExploreFlags, signal: AbortSignal): Promise<number> {
  if (flags.run.length > MOST_RUNS) {
    throw new Error(`Expected --run at most ${MOST_RUNS} times but found ${flags.run.length}`);
  }
  const reports = reportsFolder(checkoutRoot());
  const out = resolve(flags.out ?? join(reports, flags.folder ? "explorer" : "explorer.html"));
  await requireOutputFolder(flags.folder ? out : join(out, ".."));
  const directories = flags.run.length > 0 ? flags.run : await quickRuns(flags, signal);
  const runs: DatasetCheckpoint[] = [];
  for (const directory of directories) runs.push(await openRun(directory));
  requireComparable(runs);
  const test = await testImages(directories[0]!, runs[0]!, flags);
  const sources = [];
  for (const [k, { run, seed, trainedOn, model }] of runs.entries()) {
    const record = await loadRecord(directories[k]!).catch(() => undefined); // trained, not evaluated
    sources.push({
      name: `${run}, seed ${seed}`,
      origin: `trained on ${trainedOn}`,
      model,
      record,
    });
  }
  const { files, networks } = await explorerPage({ ...flags, networks: sources, test });
  for (const { model } of runs) model.dispose();
  for (const [name, text] of files) {
    await writeAtomically(flags.folder ? join(out, name) : out, text);
  }
  for (const { name, stored } of networks) {
    console.log(
      `${name}: stored with ${flags.folder ? "16" : "8"} bits a weight; accuracy ` +
        `${percent(stored.accuracy)} instead of ${percent(stored.exact)}, the same answer to ` +
        `${percent(stored.agreement)} of ${stored.n} test images`,
    );
  }
  const size = [...files.values()].reduce((sum, text) => sum + text.length, 0);
  const page = flags.folder ? join(out, "index.html") : out;
  console.log(`Explorer of ${test.describe()}, ${megabytes(size)}: ${page}`);
  return 0;
}
