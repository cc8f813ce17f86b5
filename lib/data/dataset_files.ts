import { requireDataDirectory } from "./data_directory.ts";
import { fileSize } from "./_file_errors.ts";
import { datasetDefinition, type DatasetName, type Split, splits } from "./dataset.ts";

/** Which of a dataset's files lie in a directory. */
export interface DatasetFiles {
  /** Full paths of those that are there, by split, in reading order. */
  readonly present: Readonly<Record<Split, readonly string[]>>;
  /** Full paths of those that are needed but absent, by split. */
  readonly missing: Readonly<Record<Split, readonly string[]>>;
  /** Everything that was looked for, below the directory. */
  readonly lookedFor: readonly string[];
}

/** The first of the paths below `root` that is a file. */
async function firstThere(
  root: string,
  candidates: readonly string[],
): Promise<string | undefined> {
  for (const candidate of candidates) {
    if (await fileSize(`${root}/${candidate}`, root) !== undefined) return `${root}/${candidate}`;
  }
  return undefined;
}

/**
 * Looks for a dataset's files, in the publisher's layout and in torchvision's. All are needed, but for
 * a training split that may be one file alone, the layout of a subset.
 *
 * @throws {Error} If a directory that was named is none, if the files are there only in a form that is
 * never read, or if something that is no readable file stands in a file's place.
 */
export async function findDatasetFiles(
  name: DatasetName,
  directory: string,
): Promise<DatasetFiles> {
  requireDataDirectory(directory);
  const { files, subsetFile, places = (file) => [file], refused } = datasetDefinition(name);
  const root = directory.replace(/(?<=.)\/+$/, "");
  const present: Record<Split, string[]> = { train: [], test: [] };
  const missing: Record<Split, string[]> = { train: [], test: [] };
  for (const split of splits) {
    for (const file of files[split]) {
      const there = await firstThere(root, places(file));
      if (there === undefined) missing[split].push(`${root}/${file}`);
      else present[split].push(there);
    }
  }
  const isSubset = subsetFile !== undefined && present.train.join() === `${root}/${subsetFile}`;
  if (refused && present.train.length + present.test.length === 0) {
    const found = await firstThere(root, refused.files);
    if (found !== undefined) throw new Error(refused.explain(found, root));
  }
  return {
    present,
    missing: isSubset ? { ...missing, train: [] } : missing,
    lookedFor: splits.flatMap((split) => files[split].flatMap(places)),
  };
}
