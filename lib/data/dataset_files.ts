import { fileSize } from "./_file_errors.ts";
import { datasetDefinition, type DatasetName, type Split, splits } from "./dataset.ts";

/** Which of a dataset's files lie in a directory. */
export interface DatasetFiles {
  /** Full paths of those that are there, by split, in reading order. */
  readonly present: Readonly<Record<Split, readonly string[]>>;
  /** Full paths of those that are needed but absent, by split. */
  readonly missing: Readonly<Record<Split, readonly string[]>>;
}

/**
 * Looks for a dataset's files. All are needed, but for a training split that may be one file alone,
 * the layout of a subset.
 *
 * @throws {Error} Naming the path, if something that is no readable file stands in a file's place.
 */
export async function findDatasetFiles(
  name: DatasetName,
  directory: string,
): Promise<DatasetFiles> {
  const { files, subsetFile } = datasetDefinition(name);
  const root = directory.replace(/\/+$/, "");
  const present: Record<Split, string[]> = { train: [], test: [] };
  const missing: Record<Split, string[]> = { train: [], test: [] };
  for (const split of splits) {
    for (const file of files[split]) {
      const path = `${root}/${file}`;
      const there = await fileSize(path) !== undefined;
      (there ? present : missing)[split].push(path);
    }
  }
  const isSubset = subsetFile !== undefined && present.train.join() === `${root}/${subsetFile}`;
  return { present, missing: isSubset ? { ...missing, train: [] } : missing };
}
