/** The index page beside the executed notebooks. */
import { dataProvider } from "../runs/data_provider.ts";
import { findExperiment } from "../runs/make_run.ts";
import { chooseRuns } from "../specs/choose_runs.ts";
import { checkoutRoot } from "../records/run_paths.ts";
import type { RunRecord } from "../records/record.ts";
import type { Profile } from "../specs/run_spec.ts";
import { type NotebookEntry, writeIndexPage } from "./index_page.ts";

/** What the notebooks were executed with. */
export interface NotebookIndexOptions {
  readonly profile: Profile;
  readonly dataDirectory?: string;
  readonly seeds?: readonly number[];
  /** The notebooks, in order. */
  readonly notebooks: readonly NotebookEntry[];
  /** The index page. */
  readonly path: string;
  readonly root?: string;
}

/**
 * Writes the index page: the notebooks, and a report of the runs that they have made. Nothing is run.
 *
 * @returns The number of runs that it reports.
 */
export async function writeNotebookIndex(options: NotebookIndexOptions): Promise<number> {
  const { profile, dataDirectory, seeds, notebooks, path, root = checkoutRoot() } = options;
  const data = dataProvider(dataDirectory);
  const runs: RunRecord[] = [];
  const { specs, matrix } = chooseRuns({ profile, seeds });
  for (const spec of specs) {
    const found = await findExperiment(spec, { root, data, matrix });
    if (found !== undefined) runs.push(found.record);
  }
  await writeIndexPage(runs, { path, root, notebooks });
  return runs.length;
}
