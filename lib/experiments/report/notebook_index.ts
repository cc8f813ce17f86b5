/** The index page beside the executed notebooks. */
import { dataProvider } from "../runs/data_provider.ts";
import { findExperiment } from "../runs/make_run.ts";
import { chooseRuns } from "../specs/choose_runs.ts";
import { checkoutRoot } from "../records/run_paths.ts";
import type { RunRecord } from "../records/record.ts";
import type { Profile } from "../specs/run_spec.ts";
import { writeIndexPage } from "./index_page.ts";

/** What the notebooks were executed with. */
export interface NotebookIndexOptions {
  readonly profile: Profile;
  readonly dataDirectory?: string;
  readonly seeds?: readonly number[];
  /** The notebooks' pages. */
  readonly pages: readonly string[];
  /** The index page. */
  readonly path: string;
  readonly root?: string;
}

/**
 * Writes the index page from the runs that the notebooks have made; nothing is run.
 *
 * @returns The page's path, or `undefined` if there is no finished run.
 */
export async function writeNotebookIndex(
  options: NotebookIndexOptions,
): Promise<string | undefined> {
  const { profile, dataDirectory, seeds, pages, path, root = checkoutRoot() } = options;
  const data = dataProvider(dataDirectory);
  const runs: RunRecord[] = [];
  const { specs, matrix } = chooseRuns({ profile, seeds });
  for (const spec of specs) {
    const found = await findExperiment(spec, { root, data, matrix });
    if (found !== undefined) runs.push(found.record);
  }
  if (runs.length === 0) return undefined;
  return await writeIndexPage(runs, { path, root, notebookPages: pages });
}
