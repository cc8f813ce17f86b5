/** Writes finished runs into the repository: records, summaries, figures. */
import { loadRecords, publishRecord, type RunRecord } from "./record.ts";
import { copyFigures, writeComparisons } from "./report/figures.ts";
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
  const { results, records, figures } = publishedPaths(root);
  const before = await loadRecords(records);
  const profiles = new Set([...before, ...runs].map(({ config }) => config.profile));
  if (profiles.size > 1) {
    throw new RangeError(
      `Expected runs of the published profile but found ${[...profiles].join(" and ")}; ` +
        `move data/results/runs away to publish another profile`,
    );
  }
  for (const run of runs) await publishRecord(run, records);
  await copyFigures(runs, figures);
  const all = await loadRecords(records);
  await writeSummaries(all, results);
  await writeComparisons(all, figures);
}
