/** Writes finished runs into the repository: records, summaries, figures. */
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import { loadRecords, publishRecord, type RunRecord } from "../records/record.ts";
import { writeComparisons, writeFigures } from "./gallery.ts";
import { lowestSeeds } from "../records/run_groups.ts";
import { publishedPaths, runName } from "../records/run_paths.ts";
import { writeSummaries } from "./summaries.ts";

/**
 * Publishes runs: copies their records to data/results/runs and the figures of each run's lowest seed
 * to figures, then rewrites the summaries and the comparing figures from all records there.
 *
 * @param runs Finished runs of the profile that data/results holds, with their run directories.
 * @param root The checkout.
 * @throws {RangeError} If records of another profile, or of another kind of data, are published.
 */
export async function publishRuns(runs: readonly RunRecord[], root: string): Promise<void> {
  const { records, figures } = publishedPaths(root);
  await requirePublishable(root);
  const before = await loadRecords(records);
  const profiles = new Set([...before, ...runs].map(({ config }) => config.profile));
  if (profiles.size > 1) {
    throw new RangeError(
      `Expected runs of the published profile but found ${[...profiles].join(" and ")}; ` +
        `move data/results/runs away to publish another profile`,
    );
  }
  for (const run of runs) await publishRecord(run, records);
  const all = await loadRecords(records);
  await writeFigures(drawnOf(runs, all), figures);
  await writeOverview(all, root);
}

/** Refuses folders of the checkout that lead elsewhere by a link. */
async function requirePublishable(root: string): Promise<void> {
  const { records, figures } = publishedPaths(root);
  for (const folder of [records, figures]) await requireOutputFolder(folder, { within: root });
}

/** The runs that have figures of their own: one seed of each id; records redraw the others. */
function drawnOf(runs: readonly RunRecord[], all: readonly RunRecord[]): RunRecord[] {
  const names = new Set(lowestSeeds(all).map(runName));
  return runs.filter((run) => names.has(runName(run)));
}

/** Writes what is about all published runs: summaries and comparing figures. */
async function writeOverview(all: readonly RunRecord[], root: string): Promise<void> {
  const { results, figures } = publishedPaths(root);
  await writeSummaries(all, results);
  await writeComparisons(all, figures);
}

/**
 * Rewrites summaries and figures from the committed records, e.g. after a chart has changed; no
 * model is needed. Example grids stay as they are, since records hold no images.
 *
 * @param root The checkout.
 * @returns The number of records.
 * @throws {RangeError} If nothing has been published.
 */
export async function redrawPublished(root: string): Promise<number> {
  const { records, figures } = publishedPaths(root);
  await requirePublishable(root);
  const all = await loadRecords(records);
  if (all.length === 0) {
    throw new RangeError(`Expected published runs in ${records} but found none`);
  }
  await writeFigures(drawnOf(all, all), figures);
  await writeOverview(all, root);
  return all.length;
}
