/** Finds a run that has been made already. */
import { join } from "node:path";
import { loadRecord, missingFiles, readConfig, type RunRecord } from "./record.ts";
import { publishedPaths, runDirectory, runName } from "./run_paths.ts";
import type { RunSpec } from "./run_spec.ts";

/** Where a run was found. */
export interface CacheHit {
  readonly record: RunRecord;
  /** True for a committed record, which has no weights. */
  readonly published: boolean;
}

/** A finished run of the user's own; one that is damaged or unfinished is told and not used. */
async function ownRecord(directory: string, hash: string): Promise<RunRecord | undefined> {
  let reason: string;
  try {
    const record = await loadRecord(directory);
    if (record?.config.hash === hash) return record;
    const config = await readConfig(directory);
    if (config === undefined) return undefined; // never begun
    reason = config.hash === hash
      ? `${directory} is not finished (no ${(await missingFiles(directory, config)).join(", ")})`
      : `${directory} holds a run with other settings or of other code`;
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  console.warn(`${reason} What it lacks is made now.`);
  return undefined;
}

/**
 * Looks for a finished run with this hash: first in its run directory, then among the committed
 * records. A run directory that is damaged, unfinished or of an older schema is told on stderr and
 * does not count.
 *
 * @param root The checkout.
 * @param weights `true`: only a run directory counts, since records hold no weights.
 * @returns `undefined` if the run has to be made.
 */
export async function findRun(
  root: string,
  spec: RunSpec,
  hash: string,
  weights = false,
): Promise<CacheHit | undefined> {
  const own = await ownRecord(runDirectory(root, spec, hash), hash);
  if (own !== undefined) return { record: own, published: false };
  if (weights) return undefined;
  const directory = join(publishedPaths(root).records, runName(spec));
  const config = await readConfig(directory);
  if (config?.hash !== hash) return undefined;
  const record = await loadRecord(directory);
  return record && { record, published: true };
}

/**
 * Looks for a run directory whose weights were trained with the same settings and data, so that a
 * run with another evaluation need not train again.
 *
 * @returns The directory of a finished run, or `undefined`.
 */
export async function findTraining(
  root: string,
  spec: RunSpec,
  trainingHash: string,
): Promise<string | undefined> {
  const folder = join(root, "data", "runs", spec.profile);
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.startsWith(`${runName(spec)}-`)) names.push(name);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  for (const name of names.sort()) {
    const record = await loadRecord(join(folder, name)).catch(() => undefined); // told when looked for
    if (record?.config.trainingHash === trainingHash) return record.directory;
  }
  return undefined;
}
