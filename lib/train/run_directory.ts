/** The files of a run and how a run is picked up again from them. */
import { join } from "node:path";
import { type Dataset, type ImageShape, requireDataset } from "../data/dataset.ts";
import { shapeText } from "../format/shape_text.ts";
import { LAB_SHAPE } from "../data/definition.ts";
import { exists } from "../files/exists.ts";
import { FileError } from "../files/file_error.ts";
import { readJson } from "../files/read_json.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import type { Classifier } from "../nn/classifier.ts";
import { loadCheckpoint, readExtraTensors, writeCheckpoint } from "../nn/checkpoint.ts";
import { type History, historyToCsv, historyToJson } from "./history.ts";
import type { Optimizer } from "./optimizers.ts";
import { withoutLaterDefaults } from "./knob_definition.ts";
import { trainKnobs } from "./knobs.ts";
import type { TrainSettings } from "./options.ts";
import { readCheckpointMetadata } from "./_checkpoint_metadata.ts";
import { sha256 } from "../format/sha256.ts";
import { parseStrictJson } from "../format/strict_json.ts";

/** The files a run writes; their presence marks a directory as in use. */
export const RUN_FILES = {
  best: "best.safetensors",
  last: "last.safetensors",
  config: "config.json",
  historyJson: "training_history.json",
  historyCsv: "training_history.csv",
} as const;

/** Where last.safetensors keeps what a resumed run needs besides tensors. */
const STATE_KEY = "training";
const OPTIMIZER_PREFIX = "optimizer.";

/** Which data a run was fed. */
export interface DataIdentity {
  /** E.g. "svhn". */
  readonly name: string;
  /** "train" or "test". */
  readonly split: string;
  /** Where the images came from: "real", "real-subset" or "procedural". */
  readonly source: string;
  /** Number of images. */
  readonly length: number;
  /** SHA-256 of the pixels and the labels. */
  readonly sha256: string;
  /** Shape of an image, where it is not the lab's own 32 x 32 x 3. */
  readonly imageShape?: ImageShape | undefined;
}

/** What decides a run: a resumed run must find it unchanged. */
export interface RunIdentity {
  readonly settings: TrainSettings;
  readonly train: DataIdentity;
  readonly validation: DataIdentity | null;
  /** The model's own options where it tells them, e.g. dropout. */
  readonly model: unknown;
}

interface SavedState {
  readonly identity: RunIdentity;
  readonly history: History;
}

/** Identifies a dataset by its pixels and labels. */
export function identifyData(data: Dataset): DataIdentity {
  const { name, split, source, length } = data;
  const imageShape = requireDataset("data", data);
  return {
    name,
    split,
    source,
    length,
    sha256: sha256(`${sha256(data.images)} ${sha256(data.labels)}`),
    ...(shapeText(imageShape) === shapeText(LAB_SHAPE) ? {} : { imageShape }),
  };
}

/** Flattens nested JSON to `path -> value`, so that differences can be named. */
function flatten(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return new Map([[path, JSON.stringify(value)]]);
  }
  const entries = Object.entries(value).flatMap(([key, inner]) => [
    ...flatten(inner, path === "" ? key : `${path}.${key}`),
  ]);
  return new Map(entries);
}

/** A model's options without those, at their defaults, that older runs do not know. */
function withoutLaterModelDefaults(model: unknown): unknown {
  const { channels, ...older } = Object(model) as Record<string, unknown>;
  return channels === undefined || channels === 3 ? older : { ...older, channels };
}

/** An identity without the settings, at their defaults, that older runs do not know. */
function comparable(identity: RunIdentity): RunIdentity {
  return {
    ...identity,
    settings: withoutLaterDefaults(trainKnobs, identity.settings),
    model: withoutLaterModelDefaults(identity.model),
  };
}

/** Why a run cannot be resumed with another number of epochs; `undefined` if it can. */
function epochsRefusal(
  { settings: { epochs: before } }: RunIdentity,
  { settings: { epochs: now, schedule } }: RunIdentity,
): string | undefined {
  if (before === now) return undefined;
  if (schedule !== "constant") {
    return `The rates of schedule "${schedule}" depend on the number of epochs, so that those ` +
      `already trained would have had others: only a run with schedule "constant" can be resumed ` +
      `with more epochs.`;
  }
  return now > before ? undefined : "A run can be resumed with more epochs but not with fewer.";
}

function refuseOtherSettings(path: string, saved: RunIdentity, now: RunIdentity): void {
  const before = flatten(comparable(saved));
  const after = flatten(comparable(now));
  const epochs = epochsRefusal(saved, now);
  if (epochs === undefined) before.set("settings.epochs", after.get("settings.epochs")!);
  const differing = [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) =>
      `${name.replace(/^settings\./, "")} (was ${before.get(name) ?? "unset"}, ` +
      `now ${after.get(name) ?? "unset"})`
    );
  if (differing.length === 0) return;
  throw new Error(
    `Cannot resume ${path}: it was trained with other settings: ${differing.join(", ")}. ` +
      `${epochs === undefined ? "" : `${epochs} `}Use the same settings or another directory.`,
  );
}

/** Refuses a directory that already holds a run. */
export async function requireUnused(directory: string): Promise<void> {
  for (const name of [RUN_FILES.last, RUN_FILES.best, RUN_FILES.historyJson]) {
    if (await exists(join(directory, name))) {
      throw new Error(
        `The directory ${directory} already holds a run (${name}); ` +
          `resume it (resume: true, --resume) or choose another directory.`,
      );
    }
  }
}

/** Removes what a killed process left half-written. */
async function removeLeftovers(directory: string): Promise<void> {
  const ours = Object.values(RUN_FILES);
  for await (const { name } of Deno.readDir(directory)) {
    if (name.endsWith(".tmp") && ours.some((file) => name.startsWith(`${file}.`))) {
      await Deno.remove(join(directory, name));
    }
  }
}

/** The state of training in a checkpoint's metadata. */
function savedState(path: string, text: string): SavedState {
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Cannot resume ${path}: of its training state, ${reason} (at ${STATE_KEY})`;
    throw new FileError(message, { path, place: STATE_KEY, cause: error });
  }
  const { identity, history } = Object(value) as Partial<SavedState>;
  if (Array.isArray(history?.epochs) && Object(identity?.settings) === identity?.settings) {
    return value as SavedState;
  }
  const message = `Cannot resume ${path}: its training state has no settings or no history ` +
    `(at ${STATE_KEY})`;
  throw new FileError(message, { path, place: STATE_KEY });
}

/**
 * Loads the last checkpoint of a run into model and optimizer.
 *
 * @returns The history so far, or `undefined` if the directory holds no checkpoint yet.
 * @throws {Error} If the run had other settings (each difference is named) or a file is damaged;
 * then the model has not changed.
 */
export async function resumeRun(
  directory: string,
  identity: RunIdentity,
  model: Classifier,
  optimizer: Optimizer,
): Promise<History | undefined> {
  const path = join(directory, RUN_FILES.last);
  if (!await exists(path)) {
    await requireUnused(directory);
    return undefined;
  }
  const text = (await readCheckpointMetadata(path))[STATE_KEY];
  if (text === undefined) {
    throw new Error(`Cannot resume ${path}: it holds weights but no training state.`);
  }
  const saved = savedState(path, text);
  refuseOtherSettings(path, saved.identity, identity);
  const state = await readExtraTensors(path, OPTIMIZER_PREFIX);
  // The model last: a failure before it leaves it as it was.
  optimizer.restore(withoutPrefix(state));
  await loadCheckpoint(path, model);
  await removeLeftovers(directory);
  return saved.history;
}

type State = ReturnType<Optimizer["state"]>;

function withPrefix(state: State): State {
  return new Map([...state].map(([name, tensor]) => [`${OPTIMIZER_PREFIX}${name}`, tensor]));
}

function withoutPrefix(state: State): State {
  return new Map(
    [...state].map(([name, tensor]) => [
      name.startsWith(OPTIMIZER_PREFIX) ? name.slice(OPTIMIZER_PREFIX.length) : name,
      tensor,
    ]),
  );
}

/** The key under which a checkpoint names the config.json that it was trained with. */
export const CONFIG_KEY = "lab.sha256.config";

/**
 * What binds a config.json to a checkpoint: SHA-256 of what it holds, but for the number of epochs and
 * what follows from it, since a run may be resumed with more.
 *
 * @param config As parsed.
 * @example
 * ```ts
 * import { assertEquals } from "@trusted-ai-lab/lab/assert";
 * const digest = configDigest({ seed: 0, settings: { epochs: 3 } });
 * assertEquals(digest === configDigest({ seed: 0, settings: { epochs: 4 } }), true);
 * assertEquals(digest === configDigest({ seed: 1, settings: { epochs: 3 } }), false);
 * ```
 */
export function configDigest(config: unknown): string {
  const withoutEpochs = (part: unknown) => ({ ...Object(part), epochs: 0 });
  const { hash: _hash, trainingHash: _training, settings, spec, ...rest } = Object(config);
  return sha256(JSON.stringify({
    ...rest,
    ...(settings === undefined ? {} : { settings: withoutEpochs(settings) }),
    ...(spec === undefined ? {} : { spec: { ...spec, train: withoutEpochs(spec.train) } }),
  }));
}

/** Binds a checkpoint to the config.json beside it, where there is one that can be read. */
async function configMetadata(directory: string): Promise<Record<string, string>> {
  const config = await readJson(join(directory, RUN_FILES.config)).catch(() => undefined);
  return config === undefined ? {} : { [CONFIG_KEY]: configDigest(config) };
}

/** Writes the model's weights as best.safetensors, with the epoch and what chose it. */
export async function saveBest(
  directory: string,
  model: Classifier,
  { bestEpoch, selectBy }: History,
): Promise<void> {
  const metadata = {
    epoch: String(bestEpoch),
    ...(selectBy ? { selectBy } : {}),
    ...await configMetadata(directory),
  };
  await writeCheckpoint(join(directory, RUN_FILES.best), model, { metadata });
}

/** Writes all a resumed run needs, weights and history in one file, so that they agree. */
export async function saveLast(
  directory: string,
  identity: RunIdentity,
  history: History,
  model: Classifier,
  optimizer: Optimizer,
): Promise<void> {
  const state: SavedState = { identity, history };
  await writeCheckpoint(join(directory, RUN_FILES.last), model, {
    metadata: {
      epoch: String(history.epochs.length),
      [STATE_KEY]: JSON.stringify(state),
      ...await configMetadata(directory),
    },
    extraTensors: withPrefix(optimizer.state()),
  });
}

/** Writes training_history.{json,csv}. */
export async function saveHistory(directory: string, history: History): Promise<void> {
  await writeAtomically(join(directory, RUN_FILES.historyJson), historyToJson(history));
  await writeAtomically(join(directory, RUN_FILES.historyCsv), historyToCsv(history));
}

/** The text of config.json. */
function configText(identity: RunIdentity): string {
  const hash = sha256(JSON.stringify(comparable(identity)));
  const { settings, train } = identity;
  const config = { schema: 1, seed: settings.seed, source: train.source, hash, ...identity };
  return JSON.stringify(config, null, 2) + "\n";
}

/** Writes config.json unless the caller has already put a fuller one there. */
export async function saveConfig(directory: string, identity: RunIdentity): Promise<void> {
  const path = join(directory, RUN_FILES.config);
  if (!await exists(path)) await writeAtomically(path, configText(identity));
}

/** Lets config.json tell of more epochs than it was written with, unless it is the caller's. */
export async function updateConfig(directory: string, identity: RunIdentity): Promise<void> {
  const path = join(directory, RUN_FILES.config);
  const found = await readJson(path);
  if (found === undefined) return await saveConfig(directory, identity);
  const { settings } = Object(found) as Partial<RunIdentity>;
  if (settings === undefined || settings.epochs === identity.settings.epochs) return;
  await writeAtomically(path, configText(identity));
}
