/** A finished run on disk, in a run directory or as a committed record: one loader for both. */
import { join } from "node:path";
import { copyFiles } from "../../files/copy_file.ts";
import { requireOutputFolder } from "../../files/require_output_folder.ts";
import type { History } from "../../train/history.ts";
import { requireListed, verifyChecksums, writeChecksums } from "./checksums.ts";
import { completeEvaluation, type Evaluation } from "./complete_evaluation.ts";
import { readResult } from "./_json_file.ts";
import { FileError } from "../../files/file_error.ts";
import type { Predictions } from "../../metrics/predictions.ts";
import { type PredictionsContent, readPredictions } from "./predictions_file.ts";
import { evaluationName, runName } from "./run_paths.ts";
import {
  configSchema,
  type EvaluationFile,
  evaluationFileSchema,
  historySchema,
  type RunConfig,
} from "./schema.ts";
import type { RunSpec } from "../specs/run_spec.ts";
import { requireParts, requireText } from "../../arguments/require.ts";

/** A finished run with all that tables and charts are drawn from. */
export interface RunRecord {
  /** The id of the run in the matrix, e.g. "svhn-baseline". */
  readonly id: string;
  /** The training seed. */
  readonly seed: number;
  /** The folder that the run was read from. */
  readonly directory: string;
  /** What the run was made of: its spec, data and environment. */
  readonly config: RunConfig;
  /** The metrics of each training epoch. */
  readonly history: History;
  /** By `<dataset>-<split>`; the run's own test split first. */
  readonly evaluations: ReadonlyMap<string, Evaluation>;
  /** The evaluation on the run's own test split. */
  readonly metrics: Evaluation;
  /** Logits and labels of the run's own test split. */
  readonly outputs: Predictions;
  /** Logits and maps of one evaluation. Default: the run's own test split. */
  predictions(name?: string): Promise<PredictionsContent>;
}

/** Evaluations that a spec asks for, the run's own test split last: with it the run is finished. */
export function evaluationNames(spec: RunSpec): string[] {
  const { dataset, evaluation: { transferTo } } = spec;
  const own = evaluationName(dataset, "test");
  return transferTo === undefined ? [own] : [evaluationName(transferTo, "test"), own];
}

/**
 * Reads `config.json` of a directory.
 *
 * @returns `undefined` if there is none.
 * @throws {Error} Naming the file, if it is damaged.
 */
export async function readConfig(directory: string): Promise<RunConfig | undefined> {
  return await readResult(configSchema, join(directory, "config.json"));
}

/** The result files of a run: all but weights, events and charts. */
function resultFiles(evaluations: readonly string[]): string[] {
  return [
    "training_history.json",
    ...evaluations.map((name) => `${name}.predictions.safetensors`),
    ...evaluations.map((name) => `${name}.metrics.json`),
    "config.json",
  ];
}

function filesOf({ evaluations }: RunRecord): string[] {
  return resultFiles([...evaluations.keys()]);
}

/** The result files that a run of this config needs and that are not in its directory. */
export async function missingFiles(directory: string, { spec }: RunConfig): Promise<string[]> {
  const there = new Set(await Array.fromAsync(Deno.readDir(directory), ({ name }) => name));
  return resultFiles(evaluationNames(spec)).filter((name) => !there.has(name));
}

/** The files of one evaluation. */
interface EvaluationParts {
  readonly file: EvaluationFile;
  readonly content: PredictionsContent;
}

async function readEvaluation(
  directory: string,
  name: string,
): Promise<EvaluationParts | undefined> {
  const path = join(directory, `${name}.metrics.json`);
  const file = await readResult(evaluationFileSchema, path, [1, 2]);
  if (file === undefined) return undefined;
  const content = await readPredictions(join(directory, `${name}.predictions.safetensors`));
  const { length, classes } = content.predictions;
  if (length !== file.n || classes !== file.classNames.length) {
    throw new FileError(
      `Cannot read ${path}: it is about ${file.n} images of ${file.classNames.length} classes, but ` +
        `the predictions beside it are of ${length} images and ${classes} classes (at n); restore ` +
        `both, or delete the directory to run again`,
      { path, place: "n" },
    );
  }
  return { file, content };
}

/**
 * Loads a finished run.
 *
 * @param directory A run directory or a committed record.
 * @returns `undefined` if the run is not there or not finished.
 * @throws {Error} Naming the file, if one is damaged.
 */
export async function loadRecord(directory: string): Promise<RunRecord | undefined> {
  requireText("directory", directory);
  const listed = await verifyChecksums(directory);
  const config = await readConfig(directory);
  if (config === undefined || (await missingFiles(directory, config)).length > 0) return undefined;
  const history = await readResult(historySchema, join(directory, "training_history.json"));
  if (history === undefined) return undefined;
  const parts = new Map<string, EvaluationParts>();
  for (const name of evaluationNames(config.spec).toReversed()) {
    const read = await readEvaluation(directory, name);
    // Left from an interrupted evaluation of other settings in the same directory.
    if (read?.file.provenance.hash !== config.hash) return undefined;
    parts.set(name, read);
  }
  const own = evaluationName(config.spec.dataset, "test");
  const { heldOut, predictions: outputs } = parts.get(own)!.content;
  const evaluations = new Map(
    [...parts].map(([name, { file, content }]) => [
      name,
      completeEvaluation(file, content, { heldOut, source: outputs }),
    ]),
  );
  const { epochs, bestEpoch, selectBy, warnings } = history;
  const record: RunRecord = {
    id: config.id,
    seed: config.seed,
    directory,
    config,
    history: {
      epochs,
      bestEpoch,
      ...(selectBy ? { selectBy } : {}),
      ...(warnings ? { warnings } : {}),
    },
    evaluations,
    metrics: evaluations.get(own)!,
    outputs,
    async predictions(name) {
      return await Promise.resolve(parts.get(evaluationOf(record, name).name)!.content);
    },
  };
  if (listed !== undefined) requireListed(directory, listed, filesOf(record));
  return record;
}

/**
 * One evaluation of a run.
 *
 * @param name E.g. "mnist-test"; undefined: the run's own test split.
 * @throws {RangeError} If the run has none of that name; the message lists those it has.
 */
export function evaluationOf(run: RunRecord, name: string | undefined): Evaluation {
  const found = name === undefined ? run.metrics : run.evaluations.get(name);
  if (found === undefined) {
    const known = [...run.evaluations.keys()].join(", ");
    throw new RangeError(
      `Expected name to be an evaluation of ${run.id} (${known}) but found ${name}`,
    );
  }
  return found;
}

/** Loads every finished run below a folder, by name; an absent folder has none. */
export async function loadRecords(folder: string): Promise<RunRecord[]> {
  requireText("folder", folder);
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) if (entry.isDirectory) names.push(entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const records: RunRecord[] = [];
  for (const name of names.sort()) {
    const record = await loadRecord(join(folder, name));
    if (record !== undefined) records.push(record);
  }
  return records;
}

/**
 * Writes the digests of a finished run's result files beside them.
 *
 * @param record The run, loaded from its directory.
 */
export function sealRecord(record: RunRecord): Promise<void> {
  return writeChecksums(record.directory, filesOf(record));
}

/**
 * Copies what redraws every table and chart of a run into a record.
 *
 * @param record A finished run.
 * @param folder The folder of records; the record is `<folder>/<id>-s<seed>`.
 * @returns The record's directory.
 */
export async function publishRecord(record: RunRecord, folder: string): Promise<string> {
  requireParts("record", record, "a finished run", ["id", "directory"]);
  requireText("folder", folder);
  const directory = join(folder, runName(record));
  await requireOutputFolder(directory, { within: folder });
  await copyFiles(filesOf(record), record.directory, directory);
  await writeChecksums(directory, filesOf(record));
  return directory;
}
