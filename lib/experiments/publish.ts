/** Writes finished runs into the repository: records, summaries, figures. */
import { loadRecords, publishRecord, type RunRecord } from "./record.ts";
import { writeComparisons, writeFigures } from "./report/figures.ts";
import { writeReadme } from "./report/readme.ts";
import { publishedPaths } from "./run_paths.ts";
import { writeSummaries } from "./summaries.ts";

/**
 * Publishes runs: copies their records to data/results/runs and their figures to figures, then makes
 * the summaries and the comparing figures again from all records there.
 *
 * @param runs Finished runs of the profile that data/results holds, with their run directories.
 * @param root The checkout.
 * @throws {RangeError} If records of another profile, or of another kind of data, are published.
 */
export async function publishRuns(runs: readonly RunRecord[], root: string): Promise<void> {
  const { records, figures } = publishedPaths(root);
  const before = await loadRecords(records);
  const profiles = new Set([...before, ...runs].map(({ config }) => config.profile));
  if (profiles.size > 1) {
    throw new RangeError(
      `Expected runs of the published profile but found ${[...profiles].join(" and ")}; ` +
        `move data/results/runs away to publish another profile`,
    );
  }
  for (const run of runs) await publishRecord(run, records);
  await writeFigures(runs, figures);
  await writeOverview(await loadRecords(records), root);
}

/** Writes what is about all published runs: summaries, comparing figures, README's tables. */
async function writeOverview(all: readonly RunRecord[], root: string): Promise<void> {
  const { results, figures } = publishedPaths(root);
  await writeSummaries(all, results);
  await writeComparisons(all, figures);
  await writeReadme(root);
}

/**
 * Makes summaries and figures again from the committed records, e.g. after a chart has changed; no
 * model is needed. Example grids stay as they are, since records hold no images.
 *
 * @param root The checkout.
 * @returns The number of records.
 * @throws {RangeError} If nothing has been published.
 */
export async function redrawPublished(root: string): Promise<number> {
  const { records, figures } = publishedPaths(root);
  const all = await loadRecords(records);
  if (all.length === 0) {
    throw new RangeError(`Expected published runs in ${records} but found none`);
  }
  await writeFigures(all, figures);
  await writeOverview(all, root);
  return all.length;
}
