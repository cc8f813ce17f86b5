/** Finds a run that has been made already. */
import { join } from "node:path";
import { exists } from "../../files/exists.ts";
import { loadRecord, missingFiles, readConfig, type RunRecord } from "../records/record.ts";
import { publishedPaths, runDirectory, runName, runsFolder } from "../records/run_paths.ts";
import type { RunSpec } from "../specs/run_spec.ts";

/** Where a run was found. */
export interface CacheHit {
  readonly record: RunRecord;
  /** True for a committed record, which has no weights. */
  readonly published: boolean;
}

/**
 * The finished run in a directory, if it has this hash; one that is damaged, of an older schema,
 * unfinished or of another hash is reported and not used.
 *
 * @param remedy What is done instead, for the message.
 */
async function usableRecord(
  directory: string,
  hash: string,
  remedy: string,
): Promise<RunRecord | undefined> {
  let reason: string;
  try {
    const config = await readConfig(directory);
    if (config === undefined) return undefined; // never begun
    if (config.hash !== hash) {
      reason = `${directory} holds a run with other settings, data or code (hash ` +
        `${config.hash.slice(0, 8)} instead of ${hash.slice(0, 8)})`;
    } else {
      const record = await loadRecord(directory);
      if (record !== undefined) return record;
      const missing = await missingFiles(directory, config);
      reason = missing.length > 0
        ? `${directory} is not finished (no ${missing.join(", ")})`
        : `${directory} holds evaluations with other settings`;
    }
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  console.warn(`${reason.replace(/\.?$/, ".")} ${remedy}`);
  return undefined;
}

/** Whether a finished run has lost its weights, with a warning. */
async function lacksWeights(directory: string): Promise<boolean> {
  const path = join(directory, "best.safetensors");
  if (await exists(path)) return false;
  console.warn(`${path} is missing. The run is trained again.`);
  return true;
}

/** The committed record of a run of this profile; those of other profiles are other runs. */
async function publishedRecord(
  root: string,
  spec: RunSpec,
  hash: string,
): Promise<RunRecord | undefined> {
  const directory = join(publishedPaths(root).records, runName(spec));
  const profile = await readConfig(directory).then((config) => config?.profile, () => undefined);
  if (profile !== undefined && profile !== spec.profile) return undefined;
  return await usableRecord(
    directory,
    hash,
    "The published record is not used: the run is made now.",
  );
}

/**
 * Looks for a finished run with this hash: first in its run directory, then among the committed
 * records. One that is damaged, unfinished, of an older schema or of another hash is reported on stderr
 * and does not count.
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
  const directory = runDirectory(root, spec, hash);
  const own = await usableRecord(directory, hash, "What it lacks is made now.");
  if (own !== undefined && !(weights && await lacksWeights(directory))) {
    return { record: own, published: false };
  }
  if (weights) return undefined;
  const record = await publishedRecord(root, spec, hash);
  return record && { record, published: true };
}

/**
 * Looks for a run directory whose weights were trained with the same settings and data, so that a
 * run with another evaluation need not train again. It may be that of another run, e.g. of a
 * variant's parent.
 *
 * @returns The directory of a finished run, or `undefined`.
 */
export async function findTraining(
  root: string,
  spec: RunSpec,
  trainingHash: string,
): Promise<string | undefined> {
  const folder = join(runsFolder(root), spec.profile);
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) names.push(name);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  for (const name of names.sort()) {
    const directory = join(folder, name);
    // Damaged ones are told when they are looked for.
    const config = await readConfig(directory).catch(() => undefined);
    if (config?.trainingHash !== trainingHash) continue;
    const record = await loadRecord(directory).catch(() => undefined);
    if (record === undefined) continue;
    if (!await lacksWeights(record.directory)) return record.directory;
  }
  return undefined;
}
